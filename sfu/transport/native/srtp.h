/* Protects outgoing RTP packets of one association: SRTP (RFC 3711, RFC 7714) over OpenSSL. */

#ifndef PARLEY_SRTP_H
#define PARLEY_SRTP_H

#include "cipher.h"

/* The longest packet that is protected: the same limit as in the Python path, so that a packet
   passes either both or none. */
enum { MAX_PACKET = 1356 };
/* As many packets may be sent late, or once more, as the retransmission cache holds. */
enum { WINDOW = 1024 };
/* Room for three streams (audio, video, repair) of every slot twice over; a power of two. */
enum { STREAM_TABLE = 256, MAX_STREAMS = 192 };

typedef enum {
    PROTECTED,
    REFUSED_FORM,   /* no RTP packet, or longer than MAX_PACKET */
    REFUSED_OLD,    /* from before the window, or after 2^48 packets */
    REFUSED_REUSED, /* its index has protected other bytes: once more would break the cipher */
    REFUSED_FULL,   /* more than MAX_STREAMS */
    REFUSED_FAILED  /* out of memory, or OpenSSL failed */
} Outcome;

/* What a copy had stamped into its header extensions; a resend has to carry the same. */
typedef struct {
    uint16_t number;
    uint8_t time[3];
} Stamps;

typedef struct Stream Stream;

typedef struct {
    Cipher cipher;
    unsigned stream_count;
    Stream *streams[STREAM_TABLE];
} Srtp;

bool srtp_init(Srtp *srtp, const Profile *profile, const uint8_t *key, const uint8_t *salt);
void srtp_clear(Srtp *srtp);

/* Protects `*size` bytes in place, where MAX_TAG more must fit; `stamps` may be NULL. */
Outcome srtp_protect(Srtp *srtp, uint8_t *packet, size_t *size, const Stamps *stamps);

/* The stamps of a packet that is still in the window; false when it was not sent. */
bool srtp_stamps(const Srtp *srtp, uint32_t ssrc, uint16_t sequence_number, Stamps *stamps);

#endif
