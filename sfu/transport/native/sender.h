/* The Python type of one association's outgoing SRTP, and where its packets go. */

#ifndef PARLEY_SENDER_H
#define PARLEY_SENDER_H

#include <Python.h>
#include <netinet/in.h>
#include <stdbool.h>

#include "srtp.h"

typedef struct {
    PyObject_HEAD
    Srtp srtp;
    PyObject *aimed_at; /* the address that `address` was made from; owned */
    union {
        struct sockaddr any;
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
    } address;
    socklen_t length;
} Sender;

extern PyTypeObject sender_type;

/* Makes `address` of what a socket gave, (ip, port) or (ip, port, flow, scope); false when it is
   nothing of the kind, perhaps with an exception set. */
bool sender_aim(Sender *sender, PyObject *address);

#endif
