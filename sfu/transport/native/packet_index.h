/* The index of a packet: rollover counter and sequence number (RFC 3711 section 3.3.1). */

#ifndef PARLEY_PACKET_INDEX_H
#define PARLEY_PACKET_INDEX_H

#include <stdint.h>

#define MAX_INDEX ((UINT64_C(1) << 48) - 1)

/* The distance of `sequence` from the newest index (RFC 3711 appendix A). In the first half cycle
   nothing can have been sent in an earlier one. */
static inline int64_t index_distance(uint64_t newest, uint16_t sequence) {
    const int64_t cycle = 1 << 16, median = 1 << 15;
    int64_t delta = (int64_t)sequence - (int64_t)(newest & 0xFFFF);
    if (newest <= (uint64_t)median) {
        return delta;
    }
    if ((int64_t)(newest & 0xFFFF) < median) {
        return delta > median ? delta - cycle : delta;
    }
    return delta < -median ? delta + cycle : delta;
}

#endif
