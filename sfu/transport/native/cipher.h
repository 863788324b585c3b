/* Seals and opens RTP or RTCP packets with the session keys of one direction: AES-GCM (RFC 7714)
   and AES-CM with HMAC-SHA1 (RFC 3711) over OpenSSL. Which index a packet has is for others to
   know. */

#ifndef PARLEY_CIPHER_H
#define PARLEY_CIPHER_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What protection may add to a packet. */
enum { MAX_TAG = 16, MAX_KEY = 32, MAX_SALT = 14 };

/* What the session keys are for; RTP and RTCP have different ones. */
typedef enum { SEALS_RTP, OPENS_RTP, SEALS_RTCP, OPENS_RTCP } Purpose;

typedef struct {
    bool gcm, rtcp;
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

/* Derives the session keys. */
bool cipher_init(Cipher *cipher, const Profile *profile, Purpose purpose, const uint8_t *key,
                 const uint8_t *salt);
void cipher_clear(Cipher *cipher);

/* The length of an RTP header with CSRCs and header extension; 0 when the packet ends before it. */
size_t header_size(const uint8_t *packet, size_t size);

/* RTCP: with its index this flag is sent and authenticated. */
#define ENCRYPTED UINT32_C(0x80000000)

/* Encrypts in place what follows the header in `size` bytes, and writes the tag. The index of RTP
   is the rollover counter and the sequence number. */
bool cipher_seal(const Cipher *cipher, uint8_t *packet, size_t header, size_t size,
                 uint64_t index, uint8_t *tag);

typedef enum { OPENED, FORGED, BROKEN } Opening;

/* Checks the tag of `size` bytes and decrypts in place what follows the header. */
Opening cipher_open(const Cipher *cipher, uint8_t *packet, size_t header, size_t size,
                    uint64_t index, uint8_t *tag);

/* Numbers in network byte order. */
uint16_t read16(const uint8_t *at);
uint32_t read32(const uint8_t *at);
void write_word(uint8_t *at, uint32_t number);

#endif
