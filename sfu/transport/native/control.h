/* Protects and unprotects the RTCP packets of one association, encrypted all of them: SRTCP
   (RFC 3711 section 3.4, RFC 7714 section 9). */

#ifndef PARLEY_CONTROL_H
#define PARLEY_CONTROL_H

#include "inbound.h"
#include "srtp.h"

/* The longest compound that is protected: the limit of the Python path. */
enum { MAX_COMPOUND = 1352 };
/* What protection may add to it: a tag, and the index with the flag of encryption. */
enum { MAX_TRAILER = MAX_TAG + 4 };
/* Browsers report every 50 to 250 ms: two reports may well come in the wrong order, but not so
   late. libsrtp has the same. */
enum { REPORT_WINDOW = 128 };

/* Each SSRC counts its own packets, from 1. */
typedef struct {
    uint32_t ssrc, sent;
} OwnReporter;

typedef struct {
    uint32_t ssrc;
    uint64_t newest;
    uint64_t seen[REPORT_WINDOW / 64]; /* see replay.h */
} RemoteReporter;

typedef struct {
    Cipher outgoing, incoming;
    unsigned own_count, remote_count;
    OwnReporter own[MAX_STREAMS];
    RemoteReporter remote[MAX_INCOMING_STREAMS]; /* in the order of their first packets */
} Control;

/* `local` and `remote` are a key with its salt behind it. */
bool control_init(Control *control, const Profile *profile, const uint8_t *local,
                  const uint8_t *remote);
void control_clear(Control *control);

/* Protects `*size` bytes in place, where MAX_TRAILER more must fit. REFUSED_OLD when the SSRC has
   used up its indices. */
Outcome control_protect(Control *control, uint8_t *packet, size_t *size);

/* Unprotects `*size` bytes in place, as inbound_unprotect. What is not encrypted is dropped,
   however authentic: WebRTC has nothing of the kind. */
Arrival control_unprotect(Control *control, uint8_t *packet, size_t *size);

#endif
