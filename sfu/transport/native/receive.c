#define _GNU_SOURCE
#define PY_SSIZE_T_CLEAN
#include "receive.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "field.h"
#include "parse.h"
#include "sender.h"

/* More than a wake-up takes; Ethernet carries 1,500 bytes, and more is not for us. */
enum { MAX_DATAGRAMS = 64, DATAGRAM = 2048 };
/* More than browsers that send at a time; who shares a place costs only new tuples. A power of two. */
enum { KNOWN_ADDRESSES = 4096 };
enum { CONTROL = CMSG_SPACE(sizeof(struct timespec)) };

typedef union {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
    struct sockaddr_storage storage;
} Address;

/* The tuple that was made for an address; another one that falls on its place takes it. */
static struct {
    uint8_t key[26]; /* port, IP address, flow and scope */
    PyObject *tuple;
} known[KNOWN_ADDRESSES];

/* Where datagrams are received. */
static uint8_t space[MAX_DATAGRAMS][DATAGRAM];
static Address from[MAX_DATAGRAMS];
static struct iovec parts[MAX_DATAGRAMS];
static union {
    char bytes[CONTROL];
    struct cmsghdr aligned;
} control[MAX_DATAGRAMS];
static struct mmsghdr messages[MAX_DATAGRAMS];

static Field sender_field;

/* Makes a message ready to be received (again): the kernel changes what it says. */
static void prepare(int n) {
    parts[n] = (struct iovec){space[n], DATAGRAM};
    messages[n].msg_hdr = (struct msghdr){.msg_name = &from[n],
                                          .msg_namelen = sizeof from[n],
                                          .msg_iov = &parts[n],
                                          .msg_iovlen = 1,
                                          .msg_control = control[n].bytes,
                                          .msg_controllen = sizeof control[n]};
}

bool receive_init(void) {
    for (int n = 0; n < MAX_DATAGRAMS; n++) {
        prepare(n);
    }
    return field_init(&sender_field, "sender");
}

/* What identifies the address; the length of it, 0 for a family that is not IP. */
static size_t write_key(const Address *from, uint8_t key[26]) {
    if (from->any.sa_family == AF_INET) {
        memcpy(key, &from->ipv4.sin_port, 2);
        memcpy(key + 2, &from->ipv4.sin_addr, 4);
        return 6;
    }
    if (from->any.sa_family == AF_INET6) {
        memcpy(key, &from->ipv6.sin6_port, 2);
        memcpy(key + 2, &from->ipv6.sin6_addr, 16);
        memcpy(key + 18, &from->ipv6.sin6_flowinfo, 4);
        memcpy(key + 22, &from->ipv6.sin6_scope_id, 4);
        return 26;
    }
    return 0;
}

/* As the socket module makes it. */
static PyObject *new_tuple(const Address *from) {
    char host[INET6_ADDRSTRLEN];
    if (from->any.sa_family == AF_INET) {
        inet_ntop(AF_INET, &from->ipv4.sin_addr, host, sizeof host);
        return Py_BuildValue("(si)", host, (int)ntohs(from->ipv4.sin_port));
    }
    inet_ntop(AF_INET6, &from->ipv6.sin6_addr, host, sizeof host);
    return Py_BuildValue("(siII)", host, (int)ntohs(from->ipv6.sin6_port),
                         (unsigned int)ntohl(from->ipv6.sin6_flowinfo),
                         (unsigned int)from->ipv6.sin6_scope_id);
}

/* The tuple of an address, always the same object while it keeps its place; a new reference. */
static PyObject *tuple_of(const Address *from) {
    uint8_t key[26] = {0};
    size_t length = write_key(from, key);
    if (length == 0) {
        return Py_NewRef(Py_None);
    }
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (size_t n = 0; n < length; n++) {
        hash = (hash ^ key[n]) * 16777619u;
    }
    unsigned place = (hash ^ hash >> 16) % KNOWN_ADDRESSES;
    if (known[place].tuple == NULL || memcmp(known[place].key, key, sizeof key) != 0) {
        PyObject *tuple = new_tuple(from);
        if (tuple == NULL) {
            return NULL;
        }
        memcpy(known[place].key, key, sizeof key);
        Py_XSETREF(known[place].tuple, tuple);
    }
    return Py_NewRef(known[place].tuple);
}

/* SRTP or SRTCP, and neither STUN nor DTLS (RFC 7983). */
static bool is_protected(const uint8_t *data, size_t size) {
    return size > 1 && (data[0] & 0xC0) == 0x80;
}

/* RFC 5761 section 4. */
static bool is_rtcp(const uint8_t *data) { return data[1] >= 192 && data[1] < 224; }

/* Unprotects into `plain` what comes from a transport that has keys: that transport, borrowed.
   NULL without an exception for all that is for Python to look at, packets to drop among it: it
   finds the same reason again. */
static PyObject *unprotect(PyObject *routes, PyObject *address, const uint8_t *data, size_t *size,
                           uint8_t plain[MAX_INCOMING]) {
    if (!is_protected(data, *size) || *size > MAX_INCOMING) {
        return NULL;
    }
    PyObject *transport = PyDict_GetItemWithError(routes, address);
    PyObject *sender = transport != NULL ? field_get(&sender_field, transport) : NULL;
    bool done = false;
    if (sender != NULL && Py_IS_TYPE(sender, &sender_type)) {
        memcpy(plain, data, *size);
        Arrival arrival = is_rtcp(data)
                              ? control_unprotect(&((Sender *)sender)->control, plain, size)
                              : inbound_unprotect(&((Sender *)sender)->inbound, plain, size);
        done = arrival == UNPROTECTED;
    }
    Py_XDECREF(sender);
    return done ? transport : NULL;
}

/* The packet in what was unprotected, or its bytes where it is RTCP, and where Python is to say
   what is wrong with it; steals `bytes`. */
static PyObject *parsed(PyTypeObject *type, PyObject *bytes, bool rtcp) {
    PyObject *packet = bytes != NULL && !rtcp ? parse_packet(type, bytes) : NULL;
    if (packet == NULL) {
        if (bytes != NULL) {
            PyErr_Clear(); /* a class that makes its objects in another way, compiled perhaps */
        }
        return bytes;
    }
    Py_DECREF(bytes);
    return packet;
}

/* (data, address, transport or None) of one datagram. */
static PyObject *item(PyTypeObject *type, PyObject *routes, const uint8_t *data, size_t size,
                      const Address *from) {
    uint8_t plain[MAX_INCOMING];
    PyObject *address = tuple_of(from);
    if (address == NULL) {
        return NULL;
    }
    size_t length = size;
    PyObject *transport = unprotect(routes, address, data, &length, plain);
    PyObject *bytes = NULL, *made = NULL;
    if (!PyErr_Occurred()) {
        Py_XINCREF(transport);
        bytes = transport != NULL
                    ? parsed(type, PyBytes_FromStringAndSize((char *)plain, (Py_ssize_t)length),
                             is_rtcp(plain))
                    : PyBytes_FromStringAndSize((const char *)data, (Py_ssize_t)size);
        made = bytes != NULL
                   ? PyTuple_Pack(3, bytes, address, transport != NULL ? transport : Py_None)
                   : NULL;
        Py_XDECREF(transport);
    }
    Py_XDECREF(bytes);
    Py_DECREF(address);
    return made;
}

/* When the kernel got the datagram (Unix time, seconds); 0 when it does not say. */
static double arrival_of(struct msghdr *header) {
    for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part != NULL;
         part = CMSG_NXTHDR(header, part)) {
        struct timespec time;
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SO_TIMESTAMPNS &&
            part->cmsg_len == CMSG_LEN(sizeof time)) {
            memcpy(&time, CMSG_DATA(part), sizeof time);
            return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
        }
    }
    return 0;
}

PyObject *receive(PyObject *module, PyObject *const *arguments, Py_ssize_t count) {
    (void)module;
    if (count != 4 || !PyDict_Check(arguments[0]) || !parse_makes(arguments[1])) {
        PyErr_SetString(PyExc_TypeError, "receive takes a dict, a class, a descriptor and a count");
        return NULL;
    }
    int descriptor = (int)PyLong_AsLong(arguments[2]);
    long wanted = PyLong_AsLong(arguments[3]);
    if (PyErr_Occurred()) {
        return NULL;
    }
    if (wanted < 1 || wanted > MAX_DATAGRAMS) {
        PyErr_SetString(PyExc_ValueError, "so many datagrams cannot be received at once");
        return NULL;
    }
    int taken = recvmmsg(descriptor, messages, (unsigned)wanted, MSG_DONTWAIT, NULL);
    if (taken < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    double arrived = 0;
    for (int n = 0; n < taken && arrived == 0; n++) {
        if (is_protected(space[n], messages[n].msg_len) && !is_rtcp(space[n])) {
            arrived = arrival_of(&messages[n].msg_hdr);
        }
    }
    PyObject *items = PyList_New(taken);
    for (int n = 0; items != NULL && n < taken; n++) {
        PyObject *made = item((PyTypeObject *)arguments[1], arguments[0], space[n],
                              messages[n].msg_len, &from[n]);
        if (made == NULL) {
            Py_CLEAR(items);
        } else {
            PyList_SET_ITEM(items, n, made);
        }
    }
    for (int n = 0; n < taken; n++) {
        prepare(n);
    }
    return items == NULL ? NULL : Py_BuildValue("(Nd)", items, arrived);
}
