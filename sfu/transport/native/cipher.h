/* Seals and opens RTP packets with the session keys of one direction: AES-GCM (RFC 7714) and AES-CM
   with HMAC-SHA1 (RFC 3711) over OpenSSL. Which index a packet has is for others to know. */

#ifndef PARLEY_CIPHER_H
#define PARLEY_CIPHER_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What protection may add to a packet. */
enum { MAX_TAG = 16, MAX_KEY = 32, MAX_SALT = 14 };

typedef struct {
    bool gcm;
    size_t tag;
    EVP_CIPHER_CTX *context;
    EVP_MAC_CTX *mac; /* AES-CM only */
    uint8_t salt[MAX_SALT];
} Cipher;

typedef struct {
    const char *name; /* libsrtp's name of the protection profile */
    bool gcm;
    size_t key, salt; /* bytes of the master key and the master salt */
} Profile;

/* The profile of that name; NULL when there is none. */
const Profile *cipher_profile(const char *name);

/* Derives the session keys to seal with, or to open with. */
bool cipher_init(Cipher *cipher, const Profile *profile, bool seals, const uint8_t *key,
                 const uint8_t *salt);
void cipher_clear(Cipher *cipher);

/* The length of the header with CSRCs and header extension; 0 when the packet ends before it. */
size_t header_size(const uint8_t *packet, size_t size);

/* Encrypts what follows the header in place and writes the tag after `size` bytes. */
bool cipher_seal(const Cipher *cipher, uint8_t *packet, size_t header, size_t size,
                 uint32_t rollover);

typedef enum { OPENED, FORGED, BROKEN } Opening;

/* Checks the tag behind `size` bytes and decrypts what follows the header in place. */
Opening cipher_open(const Cipher *cipher, uint8_t *packet, size_t header, size_t size,
                    uint32_t rollover);

/* Numbers in network byte order. */
uint16_t read16(const uint8_t *at);
uint32_t read32(const uint8_t *at);

#endif
