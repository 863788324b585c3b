#include "cipher.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <string.h>

enum { MAC_KEY = 20, GCM_NONCE = 12, GCM_TAG = 16, CM_TAG = 10 };
/* RFC 3711 section 4.3.2: what each derived key of RTP is for; those of RTCP follow. */
enum { LABEL_CIPHER = 0, LABEL_MAC = 1, LABEL_SALT = 2, LABELS = 3 };

static const Profile profiles[] = {
    {"SRTP_AEAD_AES_128_GCM", true, 16, 12},
    {"SRTP_AEAD_AES_256_GCM", true, 32, 12},
    {"SRTP_AES128_CM_SHA1_80", false, 16, 14},
};

uint16_t read16(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }

uint32_t read32(const uint8_t *at) { return (uint32_t)read16(at) << 16 | read16(at + 2); }

void write_word(uint8_t *at, uint32_t number) {
    for (int byte = 0; byte < 4; byte++) {
        at[byte] = (uint8_t)(number >> (24 - 8 * byte));
    }
}

const Profile *cipher_profile(const char *name) {
    for (size_t n = 0; n < sizeof profiles / sizeof *profiles; n++) {
        if (strcmp(profiles[n].name, name) == 0) {
            return &profiles[n];
        }
    }
    return NULL;
}

/* RFC 3711 section 4.3.1 with a key derivation rate of 0; a shorter salt ends in zeros. */
static bool derive(EVP_CIPHER_CTX *context, const uint8_t salt[MAX_SALT], uint8_t label,
                   uint8_t *derived, size_t size) {
    uint8_t counter[16] = {0};
    memcpy(counter, salt, MAX_SALT);
    counter[7] ^= label;
    memset(derived, 0, size);
    int written;
    return EVP_EncryptInit_ex(context, NULL, NULL, NULL, counter) == 1 &&
           EVP_EncryptUpdate(context, derived, &written, derived, (int)size) == 1;
}

static bool init_mac(Cipher *cipher, const uint8_t key[MAC_KEY]) {
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    cipher->mac = hmac != NULL ? EVP_MAC_CTX_new(hmac) : NULL;
    EVP_MAC_free(hmac);
    char digest[] = "SHA1";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    return cipher->mac != NULL && EVP_MAC_init(cipher->mac, key, MAC_KEY, parameters) == 1;
}

bool cipher_init(Cipher *cipher, const Profile *profile, Purpose purpose, const uint8_t *key,
                 const uint8_t *salt) {
    uint8_t master_salt[MAX_SALT] = {0}, cipher_key[MAX_KEY], mac_key[MAC_KEY];
    bool gcm = profile->gcm, long_key = profile->key == 32;
    bool seals = purpose == SEALS_RTP || purpose == SEALS_RTCP;
    bool rtcp = purpose == SEALS_RTCP || purpose == OPENS_RTCP;
    uint8_t first = rtcp ? LABELS : 0;
    memset(cipher, 0, sizeof *cipher);
    cipher->gcm = gcm;
    cipher->rtcp = rtcp;
    cipher->tag = gcm ? GCM_TAG : CM_TAG;
    memcpy(master_salt, salt, profile->salt);
    EVP_CIPHER_CTX *master = EVP_CIPHER_CTX_new();
    cipher->context = EVP_CIPHER_CTX_new();
    /* RFC 7714 section 11: keys of 256 bits are derived with AES of 256 bits. */
    const EVP_CIPHER *counter = long_key ? EVP_aes_256_ctr() : EVP_aes_128_ctr();
    const EVP_CIPHER *kind = !gcm ? counter : long_key ? EVP_aes_256_gcm() : EVP_aes_128_gcm();
    /* Counter mode does the same both ways. */
    bool done = master != NULL && cipher->context != NULL &&
                EVP_EncryptInit_ex(master, counter, NULL, key, NULL) == 1 &&
                derive(master, master_salt, first + LABEL_CIPHER, cipher_key, profile->key) &&
                derive(master, master_salt, first + LABEL_MAC, mac_key, MAC_KEY) &&
                derive(master, master_salt, first + LABEL_SALT, cipher->salt, profile->salt) &&
                EVP_CipherInit_ex(cipher->context, kind, NULL, cipher_key, NULL, seals || !gcm) ==
                    1 &&
                (gcm || init_mac(cipher, mac_key));
    EVP_CIPHER_CTX_free(master);
    OPENSSL_cleanse(master_salt, sizeof master_salt);
    OPENSSL_cleanse(cipher_key, sizeof cipher_key);
    OPENSSL_cleanse(mac_key, sizeof mac_key);
    return done;
}

void cipher_clear(Cipher *cipher) {
    EVP_CIPHER_CTX_free(cipher->context);
    EVP_MAC_CTX_free(cipher->mac);
    OPENSSL_cleanse(cipher, sizeof *cipher);
}

size_t header_size(const uint8_t *packet, size_t size) {
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

/* What makes nonces differ, in 10 bytes: SSRC and index (RFC 3711 section 4.1.1, RFC 7714 sections
   8.1 and 9.1). */
static void write_place(const Cipher *cipher, const uint8_t *packet, uint64_t index,
                        uint8_t *at) {
    memcpy(at, packet + (cipher->rtcp ? 4 : 8), 4);
    at[4] = (uint8_t)(index >> 40);
    at[5] = (uint8_t)(index >> 32);
    write_word(at + 6, (uint32_t)index);
}

/* What is authenticated besides the packet: the rollover counter of RTP (RFC 3711 section 4.2), or
   index and flag of RTCP (section 3.4). */
static void write_order(const Cipher *cipher, uint64_t index, uint8_t order[4]) {
    write_word(order, cipher->rtcp ? ENCRYPTED | (uint32_t)index : (uint32_t)(index >> 16));
}

/* RFC 7714: begins the packet with what is only authenticated, the header and, of RTCP, the order;
   that of RTP is in the nonce. */
static bool begin_gcm(const Cipher *cipher, const uint8_t *packet, size_t header,
                      uint64_t index) {
    uint8_t nonce[GCM_NONCE] = {0}, order[4];
    write_place(cipher, packet, index, nonce + 2);
    for (int byte = 0; byte < GCM_NONCE; byte++) {
        nonce[byte] ^= cipher->salt[byte];
    }
    write_order(cipher, index, order);
    int written;
    return EVP_CipherInit_ex(cipher->context, NULL, NULL, NULL, nonce, -1) == 1 &&
           EVP_CipherUpdate(cipher->context, NULL, &written, packet, (int)header) == 1 &&
           (!cipher->rtcp ||
            EVP_CipherUpdate(cipher->context, NULL, &written, order, sizeof order) == 1);
}

static bool transform(const Cipher *cipher, uint8_t *payload, size_t size) {
    int written;
    return size == 0 ||
           EVP_CipherUpdate(cipher->context, payload, &written, payload, (int)size) == 1;
}

static bool transform_cm(const Cipher *cipher, uint8_t *packet, size_t header, size_t size,
                         uint64_t index) {
    uint8_t counter[16] = {0};
    write_place(cipher, packet, index, counter + 4);
    for (int byte = 0; byte < MAX_SALT; byte++) {
        counter[byte] ^= cipher->salt[byte];
    }
    return EVP_CipherInit_ex(cipher->context, NULL, NULL, NULL, counter, -1) == 1 &&
           transform(cipher, packet + header, size - header);
}

static bool authenticate_cm(const Cipher *cipher, const uint8_t *packet, size_t size,
                            uint64_t index, uint8_t *tag) {
    uint8_t order[4], whole[EVP_MAX_MD_SIZE];
    size_t written;
    write_order(cipher, index, order);
    bool done = EVP_MAC_init(cipher->mac, NULL, 0, NULL) == 1 &&
                EVP_MAC_update(cipher->mac, packet, size) == 1 &&
                EVP_MAC_update(cipher->mac, order, sizeof order) == 1 &&
                EVP_MAC_final(cipher->mac, whole, &written, sizeof whole) == 1 &&
                written >= CM_TAG;
    if (done) {
        memcpy(tag, whole, CM_TAG);
    }
    return done;
}

bool cipher_seal(const Cipher *cipher, uint8_t *packet, size_t header, size_t size,
                 uint64_t index, uint8_t *tag) {
    if (!cipher->gcm) {
        return transform_cm(cipher, packet, header, size, index) &&
               authenticate_cm(cipher, packet, size, index, tag);
    }
    int written;
    return begin_gcm(cipher, packet, header, index) &&
           transform(cipher, packet + header, size - header) &&
           EVP_EncryptFinal_ex(cipher->context, tag, &written) == 1 &&
           EVP_CIPHER_CTX_ctrl(cipher->context, EVP_CTRL_AEAD_GET_TAG, GCM_TAG, tag) == 1;
}

Opening cipher_open(const Cipher *cipher, uint8_t *packet, size_t header, size_t size,
                    uint64_t index, uint8_t *tag) {
    if (!cipher->gcm) {
        uint8_t expected[CM_TAG];
        if (!authenticate_cm(cipher, packet, size, index, expected)) {
            return BROKEN;
        }
        if (CRYPTO_memcmp(expected, tag, CM_TAG) != 0) {
            return FORGED;
        }
        return transform_cm(cipher, packet, header, size, index) ? OPENED : BROKEN;
    }
    int written;
    uint8_t nothing[1];
    if (!begin_gcm(cipher, packet, header, index) ||
        !transform(cipher, packet + header, size - header) ||
        EVP_CIPHER_CTX_ctrl(cipher->context, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, tag) != 1) {
        return BROKEN;
    }
    return EVP_DecryptFinal_ex(cipher->context, nothing, &written) == 1 ? OPENED : FORGED;
}
