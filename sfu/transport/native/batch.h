/* Copies that wait for their system call: all of one packet, or of all packets that came with one
   wake-up, leave with one sendmmsg per socket. */

#ifndef PARLEY_BATCH_H
#define PARLEY_BATCH_H

#include <Python.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "sender.h"

/* Ten packets to 50 receivers each. */
enum { BATCH_COPIES = 512, BATCH_SPACE = 1536 };
enum { NO_SOCKET = -2 }; /* not -1, which is what a closed socket says it is */

/* One queued copy. */
typedef struct {
    PyObject *copy, *traffic; /* that count it once it is sent; owned */
    long octets;              /* of payload */
    size_t size, protected_size;
    int descriptor;
    struct sockaddr_storage address;
    socklen_t length;
    int next; /* the next one to the same address; -1 after the last */
    bool sent;
} Queued;

typedef struct {
    int ipv4, ipv6;    /* descriptors, NO_SOCKET where there is none */
    unsigned sequence; /* of this batch among all, from 1 */
    unsigned count, address_count;
    Queued queued[BATCH_COPIES];
    unsigned firsts[BATCH_COPIES]; /* of each address, its first copy */
    uint8_t packets[BATCH_COPIES][BATCH_SPACE];
    /* What has happened since `batch_take`: packets sent, and why others were not. */
    long sent, full, failed, homeless;
} Batch;

/* Interns the names it needs and asks the system for segmentation; false with an exception set. */
bool batch_init(void);

/* Where the next packet is written: MAX_PACKET + MAX_TAG bytes. */
uint8_t *batch_space(Batch *batch);

/* Queues the packet in `batch_space` for where `sender` is aimed at; the batch is not full. `size`
   is its length unprotected, `octets` that of its payload. */
void batch_add(Batch *batch, PyObject *copy, PyObject *traffic, long octets, size_t size,
               size_t protected_size, Sender *sender);

bool batch_is_full(const Batch *batch);

/* Sends what is queued, and counts it in the copies and traffics. False with an exception set. */
bool batch_send(Batch *batch);

/* Forgets what is queued. */
void batch_drop(Batch *batch);

#endif
