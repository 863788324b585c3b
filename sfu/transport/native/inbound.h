/* Unprotects incoming RTP packets of one association, each of them once: SRTP (RFC 3711, 7714). */

#ifndef PARLEY_INBOUND_H
#define PARLEY_INBOUND_H

#include "cipher.h"

/* The longest packet that is taken and how many streams one browser may send: the limits of the
   Python path. */
enum { MAX_INCOMING = 1500, MAX_INCOMING_STREAMS = 64 };
/* As many packets as the retransmission cache holds may come late. */
enum { REPLAY_WINDOW = 1024 };

typedef enum {
    UNPROTECTED,
    DROPPED_MALFORMED,
    DROPPED_TOO_LONG,
    DROPPED_REPLAY, /* it came before, or is from before the window */
    DROPPED_FORGED,
    DROPPED_TOO_MANY, /* more than MAX_INCOMING_STREAMS */
    DROPPED_FAILED    /* out of memory, or OpenSSL failed */
} Arrival;

typedef struct {
    uint32_t ssrc;
    uint64_t newest;
    uint64_t seen[REPLAY_WINDOW / 64]; /* see replay.h */
} IncomingStream;

typedef struct {
    Cipher cipher;
    unsigned stream_count;
    IncomingStream *streams[MAX_INCOMING_STREAMS]; /* in the order of their first packets */
} Inbound;

bool inbound_init(Inbound *inbound, const Profile *profile, const uint8_t *key,
                  const uint8_t *salt);
void inbound_clear(Inbound *inbound);

/* Unprotects `*size` bytes in place; what is left of them when something else is returned is
   undefined. */
Arrival inbound_unprotect(Inbound *inbound, uint8_t *packet, size_t *size);

#endif
