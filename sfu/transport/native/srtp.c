#include "srtp.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

enum { KEY = 16, MAC_KEY = 20, GCM_SALT = 12, CM_SALT = 14, GCM_TAG = 16, CM_TAG = 10 };
/* RFC 3711 section 4.3.2: what each derived key is for. */
enum { LABEL_CIPHER = 0, LABEL_MAC = 1, LABEL_SALT = 2 };

#define MEDIAN (1 << 15)
#define CYCLE (1 << 16)
#define MAX_INDEX ((UINT64_C(1) << 48) - 1)

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

static uint16_t read16(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }

static uint32_t read32(const uint8_t *at) { return (uint32_t)read16(at) << 16 | read16(at + 2); }

/* RFC 3711 section 4.3.1 with a key derivation rate of 0; a shorter salt ends in zeros. */
static bool derive(EVP_CIPHER_CTX *cipher, const uint8_t salt[CM_SALT], uint8_t label,
                   uint8_t *derived, int size) {
    uint8_t counter[16] = {0};
    memcpy(counter, salt, CM_SALT);
    counter[7] ^= label;
    memset(derived, 0, (size_t)size);
    int written;
    return EVP_EncryptInit_ex(cipher, NULL, NULL, NULL, counter) == 1 &&
           EVP_EncryptUpdate(cipher, derived, &written, derived, size) == 1;
}

static bool init_mac(Srtp *srtp, const uint8_t key[MAC_KEY]) {
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    srtp->mac = hmac != NULL ? EVP_MAC_CTX_new(hmac) : NULL;
    EVP_MAC_free(hmac);
    char digest[] = "SHA1";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    return srtp->mac != NULL && EVP_MAC_init(srtp->mac, key, MAC_KEY, parameters) == 1;
}

bool srtp_init(Srtp *srtp, bool gcm, const uint8_t *key, const uint8_t *salt) {
    uint8_t master_salt[CM_SALT] = {0}, cipher_key[KEY], mac_key[MAC_KEY];
    memset(srtp, 0, sizeof *srtp);
    srtp->gcm = gcm;
    memcpy(master_salt, salt, gcm ? GCM_SALT : CM_SALT);
    EVP_CIPHER_CTX *master = EVP_CIPHER_CTX_new();
    srtp->cipher = EVP_CIPHER_CTX_new();
    const EVP_CIPHER *kind = gcm ? EVP_aes_128_gcm() : EVP_aes_128_ctr();
    bool done = master != NULL && srtp->cipher != NULL &&
                EVP_EncryptInit_ex(master, EVP_aes_128_ctr(), NULL, key, NULL) == 1 &&
                derive(master, master_salt, LABEL_CIPHER, cipher_key, KEY) &&
                derive(master, master_salt, LABEL_MAC, mac_key, MAC_KEY) &&
                derive(master, master_salt, LABEL_SALT, srtp->salt, gcm ? GCM_SALT : CM_SALT) &&
                EVP_EncryptInit_ex(srtp->cipher, kind, NULL, cipher_key, NULL) == 1 &&
                (gcm || init_mac(srtp, mac_key));
    EVP_CIPHER_CTX_free(master);
    OPENSSL_cleanse(master_salt, sizeof master_salt);
    OPENSSL_cleanse(cipher_key, sizeof cipher_key);
    OPENSSL_cleanse(mac_key, sizeof mac_key);
    return done;
}

void srtp_clear(Srtp *srtp) {
    EVP_CIPHER_CTX_free(srtp->cipher);
    EVP_MAC_CTX_free(srtp->mac);
    for (unsigned slot = 0; slot < STREAM_TABLE; slot++) {
        free(srtp->streams[slot]);
    }
    OPENSSL_cleanse(srtp, sizeof *srtp);
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

/* The distance of `sequence` from the newest index (RFC 3711 section 3.3.1, appendix A). In the
   first half cycle nothing can have been sent in an earlier one. */
static int64_t distance(uint64_t newest, uint16_t sequence) {
    int64_t delta = (int64_t)sequence - (int64_t)(newest & 0xFFFF);
    if (newest <= MEDIAN) {
        return delta;
    }
    if ((newest & 0xFFFF) < MEDIAN) {
        return delta > MEDIAN ? delta - CYCLE : delta;
    }
    return delta < -MEDIAN ? delta + CYCLE : delta;
}

/* The length of the header with CSRCs and header extension; 0 when the packet ends before it. */
static size_t header_size(const uint8_t *packet, size_t size) {
    if (size < 12) {
        return 0;
    }
    size_t header = 12 + 4u * (packet[0] & 0x0F);
    if (packet[0] & 0x10) {
        if (size < header + 4) {
            return 0;
        }
        header += 4 + 4u * read16(packet + header + 2);
    }
    return header <= size ? header : 0;
}

/* RFC 7714 sections 8 and 9. */
static bool seal_gcm(Srtp *srtp, uint8_t *packet, size_t header, size_t size, uint32_t rollover) {
    uint8_t nonce[GCM_SALT] = {0};
    memcpy(nonce + 2, packet + 8, 4);
    for (int byte = 0; byte < 4; byte++) {
        nonce[6 + byte] = (uint8_t)(rollover >> (24 - 8 * byte));
    }
    memcpy(nonce + 10, packet + 2, 2);
    for (int byte = 0; byte < GCM_SALT; byte++) {
        nonce[byte] ^= srtp->salt[byte];
    }
    int written;
    uint8_t *payload = packet + header;
    int length = (int)(size - header);
    return EVP_EncryptInit_ex(srtp->cipher, NULL, NULL, NULL, nonce) == 1 &&
           EVP_EncryptUpdate(srtp->cipher, NULL, &written, packet, (int)header) == 1 &&
           (length == 0 ||
            EVP_EncryptUpdate(srtp->cipher, payload, &written, payload, length) == 1) &&
           EVP_EncryptFinal_ex(srtp->cipher, packet + size, &written) == 1 &&
           EVP_CIPHER_CTX_ctrl(srtp->cipher, EVP_CTRL_AEAD_GET_TAG, GCM_TAG, packet + size) == 1;
}

/* RFC 3711 sections 4.1.1 and 4.2. */
static bool seal_cm(Srtp *srtp, uint8_t *packet, size_t header, size_t size, uint32_t rollover) {
    uint8_t counter[16] = {0}, order[4], tag[EVP_MAX_MD_SIZE];
    for (int byte = 0; byte < 4; byte++) {
        order[byte] = (uint8_t)(rollover >> (24 - 8 * byte));
    }
    memcpy(counter + 4, packet + 8, 4);
    memcpy(counter + 8, order, 4);
    memcpy(counter + 12, packet + 2, 2);
    for (int byte = 0; byte < CM_SALT; byte++) {
        counter[byte] ^= srtp->salt[byte];
    }
    int written;
    size_t tag_size;
    uint8_t *payload = packet + header;
    int length = (int)(size - header);
    bool done = EVP_EncryptInit_ex(srtp->cipher, NULL, NULL, NULL, counter) == 1 &&
                (length == 0 ||
                 EVP_EncryptUpdate(srtp->cipher, payload, &written, payload, length) == 1) &&
                EVP_MAC_init(srtp->mac, NULL, 0, NULL) == 1 &&
                EVP_MAC_update(srtp->mac, packet, size) == 1 &&
                EVP_MAC_update(srtp->mac, order, 4) == 1 &&
                EVP_MAC_final(srtp->mac, tag, &tag_size, sizeof tag) == 1 && tag_size >= CM_TAG;
    if (done) {
        memcpy(packet + size, tag, CM_TAG);
    }
    return done;
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
    int64_t delta = distance(stream->newest, read16(packet + 2));
    uint64_t index = stream->newest + (uint64_t)delta;
    if (delta <= -WINDOW || index > MAX_INDEX) {
        return REFUSED_OLD;
    }
    uint32_t rollover = (uint32_t)(index >> 16);
    if (!(srtp->gcm ? seal_gcm : seal_cm)(srtp, packet, header, *size, rollover)) {
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
    *size += srtp->gcm ? GCM_TAG : CM_TAG;
    return PROTECTED;
}

bool srtp_stamps(const Srtp *srtp, uint32_t ssrc, uint16_t sequence_number, Stamps *stamps) {
    const Stream *stream = srtp->streams[slot_of(srtp, ssrc)];
    if (stream == NULL) {
        return false;
    }
    int64_t delta = distance(stream->newest, sequence_number);
    if (delta > 0 || delta <= -WINDOW) {
        return false;
    }
    const Sent *sent = &stream->sent[(stream->newest + (uint64_t)delta) % WINDOW];
    *stamps = sent->stamps;
    return sent->proof != 0;
}
