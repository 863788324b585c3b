#include "control.h"

#include <string.h>

#include "replay.h"

/* RFC 3711 section 3.4: indices have 31 bits. The fuzzer uses them up sooner. */
#ifndef LAST_INDEX
#define LAST_INDEX 0x7FFFFFFF
#endif

/* What is not encrypted; the index with the flag of encryption. */
enum { HEADER = 8, WORD = 4 };

bool control_init(Control *control, const Profile *profile, const uint8_t *local,
                  const uint8_t *remote) {
    control->own_count = control->remote_count = 0;
    return cipher_init(&control->outgoing, profile, SEALS_RTCP, local, local + profile->key) &&
           cipher_init(&control->incoming, profile, OPENS_RTCP, remote, remote + profile->key);
}

void control_clear(Control *control) {
    cipher_clear(&control->outgoing);
    cipher_clear(&control->incoming);
}

static OwnReporter *own_of(Control *control, uint32_t ssrc) {
    for (unsigned n = 0; n < control->own_count; n++) {
        if (control->own[n].ssrc == ssrc) {
            return &control->own[n];
        }
    }
    if (control->own_count >= MAX_STREAMS) {
        return NULL;
    }
    OwnReporter *own = &control->own[control->own_count++];
    *own = (OwnReporter){ssrc, 0};
    return own;
}

/* RFC 3711 has the word before the tag, RFC 7714 behind it. */
static uint8_t *word_of(const Cipher *cipher, uint8_t *packet, size_t plain) {
    return packet + plain + (cipher->gcm ? cipher->tag : 0);
}

static uint8_t *tag_of(const Cipher *cipher, uint8_t *packet, size_t plain) {
    return packet + plain + (cipher->gcm ? 0 : WORD);
}

Outcome control_protect(Control *control, uint8_t *packet, size_t *size) {
    const Cipher *cipher = &control->outgoing;
    if (*size < HEADER || *size > MAX_COMPOUND) {
        return REFUSED_FORM;
    }
    OwnReporter *own = own_of(control, read32(packet + 4));
    if (own == NULL) {
        return REFUSED_FULL;
    }
    if (own->sent >= LAST_INDEX) {
        return REFUSED_OLD;
    }
    uint32_t index = ++own->sent;
    if (!cipher_seal(cipher, packet, HEADER, *size, index, tag_of(cipher, packet, *size))) {
        return REFUSED_FAILED;
    }
    write_word(word_of(cipher, packet, *size), ENCRYPTED | index);
    *size += cipher->tag + WORD;
    return PROTECTED;
}

static RemoteReporter *remote_of(Control *control, uint32_t ssrc) {
    for (unsigned n = 0; n < control->remote_count; n++) {
        if (control->remote[n].ssrc == ssrc) {
            return &control->remote[n];
        }
    }
    return NULL;
}

Arrival control_unprotect(Control *control, uint8_t *packet, size_t *size) {
    const Cipher *cipher = &control->incoming;
    if (*size > MAX_INCOMING) {
        return DROPPED_TOO_LONG;
    }
    if (*size < HEADER + cipher->tag + WORD) {
        return DROPPED_MALFORMED;
    }
    size_t plain = *size - cipher->tag - WORD;
    uint32_t ssrc = read32(packet + 4), word = read32(word_of(cipher, packet, plain));
    RemoteReporter *remote = remote_of(control, ssrc);
    if (remote == NULL && control->remote_count >= MAX_INCOMING_STREAMS) {
        return DROPPED_TOO_MANY;
    }
    bool encrypted = (word & ENCRYPTED) != 0;
    if (!encrypted && !cipher->gcm) {
        return DROPPED_FAILED; /* libsrtp's reasons; with AES-GCM it is another one, and later */
    }
    uint32_t index = word & ~ENCRYPTED;
    if (remote != NULL && replay_seen(remote->seen, REPORT_WINDOW, remote->newest, index)) {
        return DROPPED_REPLAY;
    }
    if (!encrypted) {
        return DROPPED_FORGED;
    }
    switch (cipher_open(cipher, packet, HEADER, plain, index, tag_of(cipher, packet, plain))) {
    case FORGED:
        return DROPPED_FORGED;
    case BROKEN:
        return DROPPED_FAILED;
    case OPENED:
        break;
    }
    if (remote == NULL) {
        /* Only now: what a stranger makes up takes no place. */
        remote = &control->remote[control->remote_count++];
        *remote = (RemoteReporter){.ssrc = ssrc};
    }
    replay_note(remote->seen, REPORT_WINDOW, &remote->newest, index);
    *size = plain;
    return UNPROTECTED;
}
