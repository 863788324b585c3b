#include "srtp.h"

#include <stdlib.h>
#include <string.h>

#include "packet_index.h"

typedef struct {
    uint32_t proof; /* the first bytes of the tag; 0 when this index was not sent */
    Stamps stamps;
} Sent;

/* Invariant: `sent` tells of the indices above `newest` - WINDOW and up to `newest`. */
struct Stream {
    uint32_t ssrc;
    uint64_t newest; /* packet index: rollover counter and sequence number */
    Sent sent[WINDOW];
};

bool srtp_init(Srtp *srtp, const Profile *profile, const uint8_t *key, const uint8_t *salt) {
    memset(srtp, 0, sizeof *srtp);
    return cipher_init(&srtp->cipher, profile, SEALS_RTP, key, salt);
}

void srtp_clear(Srtp *srtp) {
    cipher_clear(&srtp->cipher);
    for (unsigned slot = 0; slot < STREAM_TABLE; slot++) {
        free(srtp->streams[slot]);
    }
    memset(srtp, 0, sizeof *srtp);
}

/* Where the stream of `ssrc` is, or would be: MAX_STREAMS leaves free slots to stop at. */
static unsigned slot_of(const Srtp *srtp, uint32_t ssrc) {
    /* Knuth's multiplicative hash; its upper byte is the best mixed one. */
    unsigned slot = ssrc * UINT32_C(2654435761) >> 24;
    while (srtp->streams[slot] != NULL && srtp->streams[slot]->ssrc != ssrc) {
        slot = (slot + 1) % STREAM_TABLE;
    }
    return slot;
}

/* Moves the window forward: what is new in it was not sent yet. */
static void advance(Stream *stream, uint64_t index) {
    uint64_t count = index - stream->newest;
    if (count >= WINDOW) {
        memset(stream->sent, 0, sizeof stream->sent);
    } else {
        for (uint64_t fresh = stream->newest + 1; fresh <= index; fresh++) {
            stream->sent[fresh % WINDOW].proof = 0;
        }
    }
    stream->newest = index;
}

Outcome srtp_protect(Srtp *srtp, uint8_t *packet, size_t *size, const Stamps *stamps) {
    size_t header = header_size(packet, *size);
    if (header == 0 || *size > MAX_PACKET) {
        return REFUSED_FORM;
    }
    uint32_t ssrc = read32(packet + 8);
    unsigned slot = slot_of(srtp, ssrc);
    if (srtp->streams[slot] == NULL) {
        if (srtp->stream_count >= MAX_STREAMS) {
            return REFUSED_FULL;
        }
        srtp->streams[slot] = calloc(1, sizeof(Stream));
        if (srtp->streams[slot] == NULL) {
            return REFUSED_FAILED;
        }
        srtp->streams[slot]->ssrc = ssrc;
        srtp->stream_count++;
    }
    Stream *stream = srtp->streams[slot];
    int64_t delta = index_distance(stream->newest, read16(packet + 2));
    uint64_t index = stream->newest + (uint64_t)delta;
    if (delta <= -WINDOW || index > MAX_INDEX) {
        return REFUSED_OLD;
    }
    if (!cipher_seal(&srtp->cipher, packet, header, *size, index, packet + *size)) {
        return REFUSED_FAILED;
    }
    uint32_t proof = read32(packet + *size);
    proof += proof == 0;
    if (delta > 0) {
        advance(stream, index);
    }
    Sent *sent = &stream->sent[index % WINDOW];
    if (sent->proof == 0) {
        sent->proof = proof;
        sent->stamps = stamps != NULL ? *stamps : (Stamps){0};
    } else if (sent->proof != proof) {
        return REFUSED_REUSED;
    }
    *size += srtp->cipher.tag;
    return PROTECTED;
}

bool srtp_stamps(const Srtp *srtp, uint32_t ssrc, uint16_t sequence_number, Stamps *stamps) {
    const Stream *stream = srtp->streams[slot_of(srtp, ssrc)];
    if (stream == NULL) {
        return false;
    }
    int64_t delta = index_distance(stream->newest, sequence_number);
    if (delta > 0 || delta <= -WINDOW) {
        return false;
    }
    const Sent *sent = &stream->sent[(stream->newest + (uint64_t)delta) % WINDOW];
    *stamps = sent->stamps;
    return sent->proof != 0;
}
