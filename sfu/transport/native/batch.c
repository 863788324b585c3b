#define _GNU_SOURCE
#define PY_SSIZE_T_CLEAN
#include "batch.h"

#include <errno.h>
#include <string.h>

#include "srtp.h"

_Static_assert((int)BATCH_SPACE >= (int)MAX_PACKET + (int)MAX_TAG, "a protected packet fits");

static PyObject *name_packets_sent, *name_octets_sent;

bool batch_init(void) {
    name_packets_sent = PyUnicode_InternFromString("packets_sent");
    name_octets_sent = PyUnicode_InternFromString("octets_sent");
    return name_packets_sent != NULL && name_octets_sent != NULL;
}

void batch_start(Batch *batch, int ipv4, int ipv6) {
    batch->ipv4 = (BatchSocket){.descriptor = ipv4};
    batch->ipv6 = (BatchSocket){.descriptor = ipv6};
    batch->count = 0;
    batch->sent = batch->octets = batch->full = batch->failed = batch->homeless = 0;
}

uint8_t *batch_space(Batch *batch) { return batch->packets[batch->count]; }

bool batch_is_full(const Batch *batch) { return batch->count == BATCH_COPIES; }

void batch_add(Batch *batch, PyObject *copy, size_t size, size_t protected_size,
               const struct sockaddr *address, socklen_t length) {
    BatchSocket *socket = address->sa_family == AF_INET ? &batch->ipv4 : &batch->ipv6;
    if (socket->descriptor == NO_SOCKET) {
        batch->homeless++;
        return;
    }
    unsigned slot = batch->count++;
    socket->slots[socket->count++] = slot;
    batch->copies[slot] = Py_NewRef(copy);
    batch->sizes[slot] = size;
    batch->protected_sizes[slot] = protected_size;
    memcpy(&batch->addresses[slot], address, length);
    batch->lengths[slot] = length;
}

static bool add_to(PyObject *copy, PyObject *name, long more) {
    PyObject *before = PyObject_GetAttr(copy, name);
    PyObject *number = before != NULL ? PyLong_FromLong(more) : NULL;
    PyObject *after = number != NULL ? PyNumber_Add(before, number) : NULL;
    bool done = after != NULL && PyObject_SetAttr(copy, name, after) == 0;
    Py_XDECREF(after);
    Py_XDECREF(number);
    Py_XDECREF(before);
    return done;
}

/* Sends what is queued for one socket; `sent` marks the slots that the system took. The global
   lock stays held: it does not block, and nothing else has work to do meanwhile. */
static void send_to(Batch *batch, BatchSocket *socket, bool sent[BATCH_COPIES]) {
    struct mmsghdr messages[BATCH_COPIES];
    struct iovec parts[BATCH_COPIES];
    for (unsigned n = 0; n < socket->count; n++) {
        unsigned slot = socket->slots[n];
        parts[n] = (struct iovec){batch->packets[slot], batch->protected_sizes[slot]};
        messages[n] = (struct mmsghdr){.msg_hdr = {.msg_name = &batch->addresses[slot],
                                                   .msg_namelen = batch->lengths[slot],
                                                   .msg_iov = &parts[n],
                                                   .msg_iovlen = 1}};
    }
    unsigned done = 0;
    while (done < socket->count) {
        int taken =
            sendmmsg(socket->descriptor, messages + done, socket->count - done, MSG_DONTWAIT);
        if (taken > 0) {
            for (int n = 0; n < taken; n++) {
                sent[socket->slots[done++]] = true;
            }
        } else if (taken == 0 || errno != EINTR) {
            /* The first one failed; the others get their try, as with a call for each. */
            *(taken < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? &batch->full
                                                                     : &batch->failed) += 1;
            done++;
        }
    }
    socket->count = 0;
}

bool batch_send(Batch *batch, long octets) {
    bool sent[BATCH_COPIES] = {false}, done = true;
    send_to(batch, &batch->ipv4, sent);
    send_to(batch, &batch->ipv6, sent);
    for (unsigned slot = 0; slot < batch->count; slot++) {
        if (sent[slot] && done) {
            batch->sent++;
            batch->octets += (long)batch->sizes[slot];
            done = add_to(batch->copies[slot], name_packets_sent, 1) &&
                   add_to(batch->copies[slot], name_octets_sent, octets);
        }
    }
    batch_drop(batch);
    return done;
}

void batch_drop(Batch *batch) {
    unsigned count = batch->count;
    batch->count = batch->ipv4.count = batch->ipv6.count = 0;
    for (unsigned slot = 0; slot < count; slot++) {
        Py_DECREF(batch->copies[slot]);
    }
}
