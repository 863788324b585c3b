/* Copies that wait for their system call: all of one packet leave with one sendmmsg per socket. */

#ifndef PARLEY_BATCH_H
#define PARLEY_BATCH_H

#include <Python.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

typedef struct Batch Batch;

/* Interns the names it needs; false with an exception set. */
bool batch_init(void);

/* Begins an empty batch for the sockets of each family; NO_SOCKET where there is none. */
enum { NO_SOCKET = -2 }; /* not -1, which is what a closed socket says it is */
void batch_start(Batch *batch, int ipv4, int ipv6);

/* Where the next packet is written: MAX_PACKET + MAX_TAG bytes. */
uint8_t *batch_space(Batch *batch);

/* Queues the packet in `batch_space`, which is not full; `size` is its length unprotected. */
void batch_add(Batch *batch, PyObject *copy, size_t size, size_t protected_size,
               const struct sockaddr *address, socklen_t length);

bool batch_is_full(const Batch *batch);

/* Sends what is queued; counts it, with `octets` of payload each, in the copies that were sent.
   False with an exception set. */
bool batch_send(Batch *batch, long octets);

/* Forgets what is queued. */
void batch_drop(Batch *batch);

enum { BATCH_COPIES = 64, BATCH_SPACE = 1536 };

typedef struct {
    int descriptor;
    unsigned count;
    unsigned slots[BATCH_COPIES]; /* of each message, which copy it is */
} BatchSocket;

struct Batch {
    BatchSocket ipv4, ipv6;
    unsigned count;
    PyObject *copies[BATCH_COPIES];
    size_t sizes[BATCH_COPIES];
    size_t protected_sizes[BATCH_COPIES];
    struct sockaddr_storage addresses[BATCH_COPIES];
    socklen_t lengths[BATCH_COPIES];
    uint8_t packets[BATCH_COPIES][BATCH_SPACE];
    /* Since the start: packets and bytes sent, and why others were not. */
    long sent, octets, full, failed, homeless;
};

#endif
