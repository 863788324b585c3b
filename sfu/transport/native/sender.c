#define PY_SSIZE_T_CLEAN
#include "sender.h"

#include <arpa/inet.h>
#include <string.h>

static bool init(Sender *sender, const Profile *profile, const uint8_t *local,
                 const uint8_t *remote) {
    return srtp_init(&sender->srtp, profile, local, local + profile->key) &&
           inbound_init(&sender->inbound, profile, remote, remote + profile->key) &&
           control_init(&sender->control, profile, local, remote);
}

static PyObject *sender_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords) {
    static char *names[] = {"profile", "local", "remote", NULL};
    const char *name;
    Py_buffer local, remote;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "sy*y*", names, &name, &local,
                                     &remote)) {
        return NULL;
    }
    Sender *sender = NULL;
    const Profile *profile = cipher_profile(name);
    Py_ssize_t size = profile != NULL ? (Py_ssize_t)(profile->key + profile->salt) : -1;
    if (local.len != size || remote.len != size) {
        PyErr_SetString(PyExc_ValueError, "no such profile, or its key and salt are not so long");
    } else {
        sender = (Sender *)type->tp_alloc(type, 0);
        if (sender != NULL && !init(sender, profile, local.buf, remote.buf)) {
            PyErr_SetString(PyExc_RuntimeError, "OpenSSL cannot make the session keys");
            Py_CLEAR(sender);
        }
    }
    PyBuffer_Release(&local);
    PyBuffer_Release(&remote);
    return (PyObject *)sender;
}

static void sender_dealloc(Sender *sender) {
    srtp_clear(&sender->srtp);
    inbound_clear(&sender->inbound);
    control_clear(&sender->control);
    Py_XDECREF(sender->aimed_at);
    Py_TYPE(sender)->tp_free((PyObject *)sender);
}

static const char *sentence(Outcome outcome) {
    switch (outcome) {
    case REFUSED_FORM:
        return "no RTP packet, or too long";
    case REFUSED_OLD:
        return "the sequence number is too old";
    case REFUSED_REUSED:
        return "this index has protected other bytes";
    case REFUSED_FULL:
        return "too many streams";
    default:
        return "OpenSSL cannot protect it";
    }
}

static PyObject *sender_protect(Sender *sender, PyObject *packet) {
    char *data;
    Py_ssize_t size;
    uint8_t buffer[MAX_PACKET + MAX_TAG];
    if (PyBytes_AsStringAndSize(packet, &data, &size) < 0) {
        return NULL;
    }
    size_t length = (size_t)size;
    Outcome outcome = REFUSED_FORM;
    if (length <= MAX_PACKET) {
        memcpy(buffer, data, length);
        outcome = srtp_protect(&sender->srtp, buffer, &length, NULL);
    }
    if (outcome != PROTECTED) {
        PyErr_SetString(PyExc_ValueError, sentence(outcome));
        return NULL;
    }
    return PyBytes_FromStringAndSize((char *)buffer, (Py_ssize_t)length);
}

/* The reason under which the packet is counted. */
static const char *reason(Arrival arrival) {
    switch (arrival) {
    case DROPPED_MALFORMED:
        return "srtp-malformed";
    case DROPPED_TOO_LONG:
        return "srtp-too-long";
    case DROPPED_REPLAY:
        return "srtp-replay";
    case DROPPED_FORGED:
        return "srtp-auth";
    case DROPPED_TOO_MANY:
        return "srtp-too-many-ssrcs";
    default:
        return "srtp-failed";
    }
}

typedef Arrival (*Unprotect)(Sender *, uint8_t *packet, size_t *size);

static PyObject *unprotected(Sender *sender, PyObject *packet, Unprotect unprotect) {
    char *data;
    Py_ssize_t size;
    uint8_t buffer[MAX_INCOMING];
    if (PyBytes_AsStringAndSize(packet, &data, &size) < 0) {
        return NULL;
    }
    size_t length = (size_t)size;
    Arrival arrival = DROPPED_TOO_LONG;
    if (length <= MAX_INCOMING) {
        memcpy(buffer, data, length);
        arrival = unprotect(sender, buffer, &length);
    }
    if (arrival != UNPROTECTED) {
        PyErr_SetString(PyExc_ValueError, reason(arrival));
        return NULL;
    }
    return PyBytes_FromStringAndSize((char *)buffer, (Py_ssize_t)length);
}

static Arrival unprotect_rtp(Sender *sender, uint8_t *packet, size_t *size) {
    return inbound_unprotect(&sender->inbound, packet, size);
}

static Arrival unprotect_rtcp(Sender *sender, uint8_t *packet, size_t *size) {
    return control_unprotect(&sender->control, packet, size);
}

static PyObject *sender_unprotect(Sender *sender, PyObject *packet) {
    return unprotected(sender, packet, unprotect_rtp);
}

/* The reason under which a packet that cannot be protected is counted: that of the Python path. */
static const char *control_reason(Outcome outcome) {
    switch (outcome) {
    case REFUSED_FORM:
        return "srtp-malformed";
    case REFUSED_FULL:
        return "srtp-too-many-ssrcs";
    default:
        return "srtp-failed";
    }
}

static PyObject *sender_protect_rtcp(Sender *sender, PyObject *packet) {
    char *data;
    Py_ssize_t size;
    uint8_t buffer[MAX_COMPOUND + MAX_TRAILER];
    if (PyBytes_AsStringAndSize(packet, &data, &size) < 0) {
        return NULL;
    }
    size_t length = (size_t)size;
    if (length > MAX_COMPOUND) {
        PyErr_SetString(PyExc_ValueError, reason(DROPPED_TOO_LONG));
        return NULL;
    }
    memcpy(buffer, data, length);
    Outcome outcome = control_protect(&sender->control, buffer, &length);
    if (outcome != PROTECTED) {
        PyErr_SetString(PyExc_ValueError, control_reason(outcome));
        return NULL;
    }
    return PyBytes_FromStringAndSize((char *)buffer, (Py_ssize_t)length);
}

static PyObject *sender_unprotect_rtcp(Sender *sender, PyObject *packet) {
    return unprotected(sender, packet, unprotect_rtcp);
}

static PyObject *sender_stamps(Sender *sender, PyObject *arguments) {
    unsigned long ssrc;
    unsigned short sequence_number;
    Stamps stamps;
    if (!PyArg_ParseTuple(arguments, "kH", &ssrc, &sequence_number)) {
        return NULL;
    }
    if (!srtp_stamps(&sender->srtp, (uint32_t)ssrc, sequence_number, &stamps)) {
        Py_RETURN_NONE;
    }
    return Py_BuildValue("(Hy#)", stamps.number, (char *)stamps.time, (Py_ssize_t)3);
}

static bool fill_address(Sender *sender, const char *host, uint16_t port, unsigned int flow,
                         unsigned int scope) {
    memset(&sender->address, 0, sizeof sender->address);
    if (inet_pton(AF_INET, host, &sender->address.ipv4.sin_addr) == 1) {
        sender->address.ipv4.sin_family = AF_INET;
        sender->address.ipv4.sin_port = htons(port);
        sender->length = sizeof sender->address.ipv4;
        return true;
    }
    char plain[INET6_ADDRSTRLEN] = "";
    size_t length = strcspn(host, "%"); /* the scope follows as a number of its own */
    if (length >= sizeof plain) {
        return false;
    }
    memcpy(plain, host, length);
    sender->address.ipv6.sin6_family = AF_INET6;
    sender->address.ipv6.sin6_port = htons(port);
    sender->address.ipv6.sin6_flowinfo = htonl(flow);
    sender->address.ipv6.sin6_scope_id = scope;
    sender->length = sizeof sender->address.ipv6;
    return inet_pton(AF_INET6, plain, &sender->address.ipv6.sin6_addr) == 1;
}

bool sender_aim(Sender *sender, PyObject *address) {
    if (address == sender->aimed_at) {
        return true;
    }
    const char *host;
    long port;
    unsigned int flow = 0, scope = 0;
    Py_CLEAR(sender->aimed_at);
    if (!PyTuple_Check(address) ||
        !PyArg_ParseTuple(address, "sl|II", &host, &port, &flow, &scope) || port < 0 ||
        port > 0xFFFF || !fill_address(sender, host, (uint16_t)port, flow, scope)) {
        return false;
    }
    sender->aimed_at = Py_NewRef(address);
    return true;
}

static PyMethodDef methods[] = {
    {"protect", (PyCFunction)sender_protect, METH_O,
     "The RTP packet protected; ValueError when it cannot or must not be."},
    {"unprotect", (PyCFunction)sender_unprotect, METH_O,
     "The RTP packet inside; ValueError with the reason why it is dropped."},
    {"protect_rtcp", (PyCFunction)sender_protect_rtcp, METH_O,
     "The compound RTCP packet protected; ValueError with the reason why it is dropped."},
    {"unprotect_rtcp", (PyCFunction)sender_unprotect_rtcp, METH_O,
     "The compound RTCP packet inside; ValueError with the reason why it is dropped."},
    {"stamps", (PyCFunction)sender_stamps, METH_VARARGS,
     "stamps(ssrc, sequence_number): what emit() wrote into that packet, or None."},
    {NULL, NULL, 0, NULL},
};

PyTypeObject sender_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "sfu.transport._egress.Sender",
    .tp_basicsize = sizeof(Sender),
    .tp_dealloc = (destructor)sender_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "Protects and unprotects the packets of one association.",
    .tp_methods = methods,
    .tp_new = sender_new,
};
