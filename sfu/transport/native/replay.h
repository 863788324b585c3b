/* Which of the latest packets came before (RFC 3711 section 3.3.2). `seen` has a bit for every
   index modulo `window`, which is a multiple of 64, and tells of those above `newest` - `window`
   and up to `newest`. */

#ifndef PARLEY_REPLAY_H
#define PARLEY_REPLAY_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline bool replay_seen(const uint64_t *seen, unsigned window, uint64_t newest,
                               uint64_t index) {
    return index <= newest && (index + window <= newest ||
                               (seen[index % window / 64] >> (index % 64) & 1) != 0);
}

static inline void replay_note(uint64_t *seen, unsigned window, uint64_t *newest, uint64_t index) {
    if (index > *newest) {
        if (index - *newest >= window) {
            memset(seen, 0, window / 8);
        } else {
            for (uint64_t fresh = *newest + 1; fresh <= index; fresh++) {
                seen[fresh % window / 64] &= ~(UINT64_C(1) << (fresh % 64));
            }
        }
        *newest = index;
    }
    seen[index % window / 64] |= UINT64_C(1) << (index % 64);
}

#endif
