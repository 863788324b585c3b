/* The Python type of one association's SRTP and SRTCP in both directions, and where its packets
   go. */

#ifndef PARLEY_SENDER_H
#define PARLEY_SENDER_H

#include <Python.h>
#include <netinet/in.h>
#include <stdbool.h>

#include "control.h"
#include "inbound.h"
#include "srtp.h"

typedef struct {
    PyObject_HEAD
    Srtp srtp;
    Inbound inbound;
    Control control;
    PyObject *aimed_at; /* the address that `address` was made from; owned */
    union {
        struct sockaddr any;
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
    } address;
    socklen_t length;
    unsigned batch, last; /* the batch in which a copy was queued last, and its place in that */
} Sender;

extern PyTypeObject sender_type;

/* Makes `address` of what a socket gave, (ip, port) or (ip, port, flow, scope); false when it is
   nothing of the kind, perhaps with an exception set. */
bool sender_aim(Sender *sender, PyObject *address);

#endif
