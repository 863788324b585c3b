#include "inbound.h"

#include <stdlib.h>

#include "packet_index.h"
#include "replay.h"

bool inbound_init(Inbound *inbound, const Profile *profile, const uint8_t *key,
                  const uint8_t *salt) {
    inbound->stream_count = 0;
    return cipher_init(&inbound->cipher, profile, OPENS_RTP, key, salt);
}

void inbound_clear(Inbound *inbound) {
    cipher_clear(&inbound->cipher);
    while (inbound->stream_count > 0) {
        free(inbound->streams[--inbound->stream_count]);
    }
}

static IncomingStream *find(const Inbound *inbound, uint32_t ssrc) {
    for (unsigned n = 0; n < inbound->stream_count; n++) {
        if (inbound->streams[n]->ssrc == ssrc) {
            return inbound->streams[n];
        }
    }
    return NULL;
}

Arrival inbound_unprotect(Inbound *inbound, uint8_t *packet, size_t *size) {
    if (*size > MAX_INCOMING) {
        return DROPPED_TOO_LONG;
    }
    size_t header = header_size(packet, *size);
    if (header == 0) {
        return DROPPED_MALFORMED;
    }
    uint32_t ssrc = read32(packet + 8);
    IncomingStream *stream = find(inbound, ssrc);
    uint64_t index = read16(packet + 2); /* of a first packet: nothing has come before it */
    if (stream == NULL) {
        if (inbound->stream_count >= MAX_INCOMING_STREAMS) {
            return DROPPED_TOO_MANY;
        }
    } else {
        int64_t delta = index_distance(stream->newest, (uint16_t)index);
        index = stream->newest + (uint64_t)delta;
        if (index > MAX_INDEX || replay_seen(stream->seen, REPLAY_WINDOW, stream->newest, index)) {
            return DROPPED_REPLAY;
        }
    }
    if (*size < header + inbound->cipher.tag) {
        return DROPPED_MALFORMED;
    }
    size_t plain = *size - inbound->cipher.tag;
    switch (cipher_open(&inbound->cipher, packet, header, plain, index, packet + plain)) {
    case FORGED:
        return DROPPED_FORGED;
    case BROKEN:
        return DROPPED_FAILED;
    case OPENED:
        break;
    }
    if (stream == NULL) {
        /* Only now: what a stranger makes up takes no place. */
        stream = calloc(1, sizeof *stream);
        if (stream == NULL) {
            return DROPPED_FAILED;
        }
        stream->ssrc = ssrc;
        inbound->streams[inbound->stream_count++] = stream;
    }
    replay_note(stream->seen, REPLAY_WINDOW, &stream->newest, index);
    *size = plain;
    return UNPROTECTED;
}
