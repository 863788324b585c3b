#include "cipher.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <string.h>

enum { MAC_KEY = 20, GCM_NONCE = 12, GCM_TAG = 16, CM_TAG = 10 };
/* RFC 3711 section 4.3.2: what each derived key is for. */
enum { LABEL_CIPHER = 0, LABEL_MAC = 1, LABEL_SALT = 2 };

static const Profile profiles[] = {
    {"SRTP_AEAD_AES_128_GCM", true, 16, 12},
    {"SRTP_AEAD_AES_256_GCM", true, 32, 12},
    {"SRTP_AES128_CM_SHA1_80", false, 16, 14},
};

uint16_t read16(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }

uint32_t read32(const uint8_t *at) { return (uint32_t)read16(at) << 16 | read16(at + 2); }

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

bool cipher_init(Cipher *cipher, const Profile *profile, bool seals, const uint8_t *key,
                 const uint8_t *salt) {
    uint8_t master_salt[MAX_SALT] = {0}, cipher_key[MAX_KEY], mac_key[MAC_KEY];
    bool gcm = profile->gcm, long_key = profile->key == 32;
    memset(cipher, 0, sizeof *cipher);
    cipher->gcm = gcm;
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
                derive(master, master_salt, LABEL_CIPHER, cipher_key, profile->key) &&
                derive(master, master_salt, LABEL_MAC, mac_key, MAC_KEY) &&
                derive(master, master_salt, LABEL_SALT, cipher->salt, profile->salt) &&
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

static void write_rollover(uint8_t *at, uint32_t rollover) {
    for (int byte = 0; byte < 4; byte++) {
        at[byte] = (uint8_t)(rollover >> (24 - 8 * byte));
    }
}

/* RFC 7714 section 8.1: begins the packet, its header being what is only authenticated. */
static bool begin_gcm(const Cipher *cipher, const uint8_t *packet, size_t header,
                      uint32_t rollover) {
    uint8_t nonce[GCM_NONCE] = {0};
    memcpy(nonce + 2, packet + 8, 4);
    write_rollover(nonce + 6, rollover);
    memcpy(nonce + 10, packet + 2, 2);
    for (int byte = 0; byte < GCM_NONCE; byte++) {
        nonce[byte] ^= cipher->salt[byte];
    }
    int written;
    return EVP_CipherInit_ex(cipher->context, NULL, NULL, NULL, nonce, -1) == 1 &&
           EVP_CipherUpdate(cipher->context, NULL, &written, packet, (int)header) == 1;
}

static bool transform(const Cipher *cipher, uint8_t *payload, size_t size) {
    int written;
    return size == 0 ||
           EVP_CipherUpdate(cipher->context, payload, &written, payload, (int)size) == 1;
}

/* RFC 3711 section 4.1.1. */
static bool transform_cm(const Cipher *cipher, uint8_t *packet, size_t header, size_t size,
                         uint32_t rollover) {
    uint8_t counter[16] = {0};
    memcpy(counter + 4, packet + 8, 4);
    write_rollover(counter + 8, rollover);
    memcpy(counter + 12, packet + 2, 2);
    for (int byte = 0; byte < MAX_SALT; byte++) {
        counter[byte] ^= cipher->salt[byte];
    }
    return EVP_CipherInit_ex(cipher->context, NULL, NULL, NULL, counter, -1) == 1 &&
           transform(cipher, packet + header, size - header);
}

/* RFC 3711 section 4.2. */
static bool authenticate_cm(const Cipher *cipher, const uint8_t *packet, size_t size,
                            uint32_t rollover, uint8_t tag[CM_TAG]) {
    uint8_t order[4], whole[EVP_MAX_MD_SIZE];
    size_t written;
    write_rollover(order, rollover);
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
                 uint32_t rollover) {
    if (!cipher->gcm) {
        return transform_cm(cipher, packet, header, size, rollover) &&
               authenticate_cm(cipher, packet, size, rollover, packet + size);
    }
    int written;
    return begin_gcm(cipher, packet, header, rollover) &&
           transform(cipher, packet + header, size - header) &&
           EVP_EncryptFinal_ex(cipher->context, packet + size, &written) == 1 &&
           EVP_CIPHER_CTX_ctrl(cipher->context, EVP_CTRL_AEAD_GET_TAG, GCM_TAG, packet + size) ==
               1;
}

Opening cipher_open(const Cipher *cipher, uint8_t *packet, size_t header, size_t size,
                    uint32_t rollover) {
    if (!cipher->gcm) {
        uint8_t tag[CM_TAG];
        if (!authenticate_cm(cipher, packet, size, rollover, tag)) {
            return BROKEN;
        }
        if (CRYPTO_memcmp(tag, packet + size, CM_TAG) != 0) {
            return FORGED;
        }
        return transform_cm(cipher, packet, header, size, rollover) ? OPENED : BROKEN;
    }
    int written;
    uint8_t nothing[1];
    if (!begin_gcm(cipher, packet, header, rollover) ||
        !transform(cipher, packet + header, size - header) ||
        EVP_CIPHER_CTX_ctrl(cipher->context, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, packet + size) != 1) {
        return BROKEN;
    }
    return EVP_DecryptFinal_ex(cipher->context, nothing, &written) == 1 ? OPENED : FORGED;
}
