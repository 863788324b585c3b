/* The module sfu.transport._egress; here is what builds and protects all copies of one packet. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>
#include <string.h>

#include "batch.h"
#include "block.h"
#include "decide.h"
#include "field.h"
#include "intake.h"
#include "parse.h"
#include "receive.h"
#include "sender.h"
#include "slots.h"
#include "vp8.h"

/* The attributes that are read of packets and copies. */
#define NAMES(X)                                                                                 \
    X(data) X(marker) X(payload_offset) X(payload_end) X(mark) X(picture_id_offset)              \
    X(picture_id_long) X(tl0picidx_offset) X(rewrite) X(transport) X(history) X(sender)          \
    X(remote_address) X(extensions) X(ssrc) X(payload_type) X(sequence_number) X(timestamp)      \
    X(picture_id) X(tl0picidx) X(frame_number) X(empty) X(record) X(ice)        \
    X(selected)
#define DECLARE(name) static Field field_##name;
NAMES(DECLARE)
/* Those that two classes have are looked for in each. */
static Field packet_marker;
#define INTERN(name) field_init(&field_##name, #name) &&

/* The incoming packet; the bytes live as long as the call. */
typedef struct {
    const uint8_t *payload;
    long offset, end;
    bool marker, picture_id_long;
    long picture_id_offset, tl0picidx_offset; /* -1: not in this payload */
} Packet;

/* What sfu.rtp.rewrite.Rewrite says. */
typedef struct {
    long ssrc, payload_type, sequence_number, timestamp, picture_id, tl0picidx, frame_number;
    bool marker, empty;
} Rewrite;

static bool read_long(PyObject *object, Field *field, long low, long high, long *value) {
    PyObject *attribute = field_get(field, object);
    if (attribute == NULL) {
        return false;
    }
    *value = PyLong_AsLong(attribute);
    Py_DECREF(attribute);
    if (*value < low || *value > high) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_ValueError, "out of range");
        }
        return false;
    }
    return *value != -1 || !PyErr_Occurred();
}

static bool read_bool(PyObject *object, Field *field, bool *value) {
    PyObject *attribute = field_get(field, object);
    int truth = attribute != NULL ? PyObject_IsTrue(attribute) : -1;
    Py_XDECREF(attribute);
    *value = truth > 0;
    return truth >= 0;
}

static bool read_packet(PyObject *packet, PyObject *data, Packet *read) {
    long size = (long)PyBytes_GET_SIZE(data);
    PyObject *mark = field_get(&field_mark, packet);
    bool done = mark != NULL && read_bool(packet, &packet_marker, &read->marker) &&
                read_long(packet, &field_payload_offset, 0, size, &read->offset) &&
                read_long(packet, &field_payload_end, read->offset, size, &read->end);
    read->picture_id_offset = read->tl0picidx_offset = -1;
    read->picture_id_long = false;
    if (done && mark != Py_None) {
        done = read_long(mark, &field_picture_id_offset, -1, size, &read->picture_id_offset) &&
               read_bool(mark, &field_picture_id_long, &read->picture_id_long) &&
               read_long(mark, &field_tl0picidx_offset, -1, size, &read->tl0picidx_offset);
    }
    Py_XDECREF(mark);
    read->payload = (const uint8_t *)PyBytes_AS_STRING(data) + (done ? read->offset : 0);
    return done;
}

static bool read_rewrite(PyObject *rewrite, Rewrite *read) {
    return read_long(rewrite, &field_ssrc, 0, 0xFFFFFFFF, &read->ssrc) &&
           read_long(rewrite, &field_payload_type, 0, 0x7F, &read->payload_type) &&
           read_long(rewrite, &field_sequence_number, 0, 0xFFFF, &read->sequence_number) &&
           read_long(rewrite, &field_timestamp, 0, 0xFFFFFFFF, &read->timestamp) &&
           read_long(rewrite, &field_picture_id, -1, 0x7FFF, &read->picture_id) &&
           read_long(rewrite, &field_tl0picidx, -1, 0xFF, &read->tl0picidx) &&
           read_long(rewrite, &field_frame_number, -1, 0xFFFF, &read->frame_number) &&
           read_bool(rewrite, &field_marker, &read->marker) &&
           read_bool(rewrite, &field_empty, &read->empty);
}

static void write16(uint8_t *at, long value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void write32(uint8_t *at, long value) {
    write16(at, value >> 16);
    write16(at + 2, value);
}

/* Puts one copy's numbers into its block. */
static void stamp(uint8_t *block, const Block *layout, const Stamps *stamps, long frame_number) {
    if (layout->transport_cc >= 0) {
        write16(block + layout->transport_cc, stamps->number);
    }
    if (layout->abs_send_time >= 0) {
        memcpy(block + layout->abs_send_time, stamps->time, sizeof stamps->time);
    }
    if (layout->frame_number >= 0 && frame_number >= 0) {
        write16(block + layout->frame_number, frame_number);
    }
}

/* RFC 7741 section 4.2: the picture id keeps the length that it has. */
static void patch(uint8_t *payload, const Packet *packet, const Rewrite *rewrite) {
    if (rewrite->picture_id >= 0 && packet->picture_id_offset >= 0) {
        uint8_t *at = payload + (packet->picture_id_offset - packet->offset);
        if (packet->picture_id_long) {
            write16(at, 0x8000 | rewrite->picture_id);
        } else {
            *at = rewrite->picture_id & 0x7F;
        }
    }
    if (rewrite->tl0picidx >= 0 && packet->tl0picidx_offset >= 0) {
        payload[packet->tl0picidx_offset - packet->offset] = (uint8_t)rewrite->tl0picidx;
    }
}

/* Whether what `patch` would write is inside of the payload. */
static bool can_patch(const Packet *packet, const Rewrite *rewrite) {
    long picture = packet->picture_id_offset, tl0 = packet->tl0picidx_offset;
    return (rewrite->picture_id < 0 || picture < 0 ||
            (picture >= packet->offset && picture + packet->picture_id_long < packet->end)) &&
           (rewrite->tl0picidx < 0 || tl0 < 0 || (tl0 >= packet->offset && tl0 < packet->end));
}

/* The outgoing packet into `out`, which it fits. */
static void write_copy(uint8_t *out, const Packet *packet, const Rewrite *rewrite,
                       const Block *block, const Stamps *stamps) {
    bool marker = (packet->marker || rewrite->marker) && !rewrite->empty;
    out[0] = block->size ? 0x90 : 0x80;
    out[1] = (uint8_t)(rewrite->payload_type | (marker ? 0x80 : 0));
    write16(out + 2, rewrite->sequence_number);
    write32(out + 4, rewrite->timestamp);
    write32(out + 8, rewrite->ssrc);
    memcpy(out + 12, block->data, block->size);
    stamp(out + 12, block, stamps, rewrite->frame_number);
    if (!rewrite->empty) {
        uint8_t *payload = out + 12 + block->size;
        memcpy(payload, packet->payload, (size_t)(packet->end - packet->offset));
        patch(payload, packet, rewrite);
    }
}

/* One call of emit(). */
typedef struct {
    PyObject *source, *traffic, *now, *block_of; /* borrowed from the caller */
    PyObject *plan;                    /* what `block` was made for; owned */
    Packet packet;
    Block block;
    long overhead;
    uint8_t time[3];
    long protect_failed;
    Batch *batch;
} Emission;

typedef enum { TAKEN, LEFT } Verdict;

static bool note_in_history(Emission *emission, PyObject *copy, Stamps *stamps) {
    const Packet *packet = &emission->packet;
    PyObject *history = field_get(&field_history, copy);
    PyObject *size = PyLong_FromLong(emission->overhead + 12 + (long)emission->block.size +
                                     packet->end - packet->offset);
    PyObject *number = NULL;
    if (history != NULL && size != NULL) {
        PyObject *arguments[] = {history, size, emission->now};
        number = PyObject_VectorcallMethod(field_record.name, arguments, 3, NULL);
    }
    stamps->number = number != NULL ? (uint16_t)PyLong_AsLong(number) : 0;
    Py_XDECREF(number);
    Py_XDECREF(size);
    Py_XDECREF(history);
    return !PyErr_Occurred();
}

/* Queues one copy. LEFT, with nothing done yet, is for the Python path to do or to complain of. */
static Verdict emit_copy(Emission *emission, PyObject *copy, PyObject *rewrite, Sender *sender) {
    Rewrite read;
    const Packet *packet = &emission->packet;
    if (!read_rewrite(rewrite, &read) || (!read.empty && !can_patch(packet, &read))) {
        return LEFT;
    }
    PyObject *plan = field_get(&field_extensions, rewrite);
    int same = plan == NULL || emission->plan == NULL
                   ? 0
                   : PyObject_RichCompareBool(plan, emission->plan, Py_EQ);
    if (plan == NULL || same < 0 ||
        (!same && !block_read(emission->block_of, emission->source, plan, &emission->block))) {
        Py_XDECREF(plan);
        Py_CLEAR(emission->plan);
        return LEFT;
    }
    Py_XSETREF(emission->plan, plan);
    size_t size = 12 + emission->block.size;
    size += read.empty ? 0 : (size_t)(packet->end - packet->offset);
    Stamps stamps = {0};
    memcpy(stamps.time, emission->time, sizeof stamps.time);
    if (emission->block.transport_cc >= 0 && !note_in_history(emission, copy, &stamps)) {
        return LEFT;
    }
    uint8_t *out = batch_space(emission->batch);
    size_t protected_size = size;
    Outcome outcome = REFUSED_FORM;
    if (size <= MAX_PACKET) {
        write_copy(out, packet, &read, &emission->block, &stamps);
        outcome = srtp_protect(&sender->srtp, out, &protected_size, &stamps);
    }
    if (outcome != PROTECTED) {
        emission->protect_failed++;
        return TAKEN;
    }
    batch_add(emission->batch, copy, emission->traffic, packet->end - packet->offset, size,
              protected_size, sender);
    return TAKEN;
}

/* A new reference; as Transport.remote_address says, without asking Python where that is possible. */
static PyObject *remote_address(PyObject *transport) {
    PyObject *selected = look(&field_selected, look(&field_ice, transport));
    return selected != NULL ? Py_NewRef(selected)
                            : PyObject_GetAttr(transport, field_remote_address.name);
}

/* Finds the sender and the address of one copy, and queues it. */
static Verdict take_copy(Emission *emission, PyObject *copy) {
    Verdict verdict = LEFT;
    PyObject *rewrite = field_get(&field_rewrite, copy);
    PyObject *transport = rewrite != NULL ? field_get(&field_transport, copy) : NULL;
    PyObject *sender = transport != NULL ? field_get(&field_sender, transport) : NULL;
    if (sender != NULL && Py_IS_TYPE(sender, &sender_type)) {
        PyObject *address = remote_address(transport);
        if (address != NULL && sender_aim((Sender *)sender, address)) {
            verdict = emit_copy(emission, copy, rewrite, (Sender *)sender);
        }
        Py_XDECREF(address);
    }
    Py_XDECREF(sender);
    Py_XDECREF(transport);
    Py_XDECREF(rewrite);
    return verdict;
}

static Batch batch = {.ipv4 = NO_SOCKET, .ipv6 = NO_SOCKET, .sequence = 1};
static bool busy, holding;

/* Queues `copies`, and sends them unless they are held; returns those that are left for the
   Python path. */
static PyObject *emit_all(Emission *emission, PyObject *copies) {
    PyObject *left = PyList_New(0);
    PyObject *sequence = left != NULL ? PySequence_Fast(copies, "copies must be a sequence") : NULL;
    bool failed = sequence == NULL;
    for (Py_ssize_t n = 0; !failed && n < PySequence_Fast_GET_SIZE(sequence); n++) {
        PyObject *copy = Py_NewRef(PySequence_Fast_GET_ITEM(sequence, n));
        if (take_copy(emission, copy) == LEFT) {
            /* Ordinary errors come up again in the Python path, which knows what to do. */
            if (PyErr_Occurred() && PyErr_ExceptionMatches(PyExc_Exception)) {
                PyErr_Clear();
            }
            failed = PyErr_Occurred() || PyList_Append(left, copy) < 0;
        }
        Py_DECREF(copy);
        if (!failed && batch_is_full(emission->batch)) {
            failed = !batch_send(emission->batch);
        }
    }
    if (!failed && !holding) {
        failed = !batch_send(emission->batch);
    }
    Py_XDECREF(sequence);
    if (failed) {
        batch_drop(emission->batch);
        Py_CLEAR(left);
    }
    return left;
}

/* What was sent and what not since the last call, with `unprotected` and `left` (stolen); None when
   that is nothing, as for packets that are held. */
static PyObject *result(long unprotected, PyObject *left) {
    if (left != NULL && PyList_GET_SIZE(left) == 0 && unprotected == 0 && batch.sent == 0 &&
        batch.full == 0 && batch.failed == 0 && batch.homeless == 0) {
        Py_DECREF(left);
        Py_RETURN_NONE;
    }
    PyObject *made = Py_BuildValue("(lllllN)", batch.sent, unprotected, batch.full, batch.failed,
                                   batch.homeless, left);
    batch.sent = batch.full = batch.failed = batch.homeless = 0;
    return made;
}

static PyObject *emit(PyObject *module, PyObject *const *arguments, Py_ssize_t count) {
    (void)module;
    if (count != 8) {
        return PyErr_Format(PyExc_TypeError, "emit takes 8 arguments, not %zd", count);
    }
    double now = PyFloat_AsDouble(arguments[3]);
    int ipv4 = (int)PyLong_AsLong(arguments[5]), ipv6 = (int)PyLong_AsLong(arguments[6]);
    Emission emission = {.source = arguments[0],
                         .traffic = arguments[2],
                         .now = arguments[3],
                         .block_of = arguments[4],
                         .overhead = PyLong_AsLong(arguments[7]),
                         .batch = &batch};
    if (PyErr_Occurred()) {
        return NULL;
    }
    /* 24 bits of fixed-point seconds, 6 before the point (the abs-send-time extension). */
    uint64_t time = now > 0 && now < 1e12 ? (uint64_t)(now * 262144.0) : 0;
    for (int byte = 0; byte < 3; byte++) {
        emission.time[byte] = (uint8_t)(time >> (16 - 8 * byte));
    }
    PyObject *data = field_get(&field_data, emission.source);
    /* An unusual packet, or a call from within a call, is for the Python path. */
    if (busy || data == NULL || !PyBytes_Check(data) ||
        !read_packet(emission.source, data, &emission.packet)) {
        Py_XDECREF(data);
        PyErr_Clear();
        PyObject *all = PySequence_List(arguments[1]);
        return all == NULL ? NULL : Py_BuildValue("(iiiiiN)", 0, 0, 0, 0, 0, all);
    }
    busy = true;
    PyObject *left = NULL;
    if ((batch.ipv4 == ipv4 && batch.ipv6 == ipv6) || batch_send(&batch)) {
        batch.ipv4 = ipv4;
        batch.ipv6 = ipv6;
        left = emit_all(&emission, arguments[1]);
    }
    busy = false;
    Py_XDECREF(emission.plan);
    Py_DECREF(data);
    return left == NULL ? NULL : result(emission.protect_failed, left);
}

static PyObject *hold(PyObject *module, PyObject *nothing) {
    (void)module, (void)nothing;
    holding = true;
    Py_RETURN_NONE;
}

static PyObject *flush(PyObject *module, PyObject *nothing) {
    (void)module, (void)nothing;
    if (busy) {
        PyErr_SetString(PyExc_RuntimeError, "a packet is being sent");
        return NULL;
    }
    holding = false;
    busy = true;
    bool done = batch_send(&batch);
    busy = false;
    return done ? result(0, PyList_New(0)) : NULL;
}

static PyMethodDef functions[] = {
    {"emit", (PyCFunction)(void (*)(void))emit, METH_FASTCALL,
     "emit(packet, copies, traffic, now, block_of, ipv4, ipv6, overhead): send all copies."},
    {"hold", hold, METH_NOARGS, "hold(): send nothing until flush()."},
    {"flush", flush, METH_NOARGS, "flush(): send what was held."},
    {"receive", (PyCFunction)(void (*)(void))receive, METH_FASTCALL,
     "receive(routes, packet, socket, count): what has arrived, RTP unprotected and parsed."},
    {"parse", (PyCFunction)(void (*)(void))parse, METH_FASTCALL,
     "parse(packet, data): the RTP packet in the data, None when it is malformed."},
    {"decide", (PyCFunction)(void (*)(void))decide, METH_FASTCALL,
     "decide(subscribed, stream, packet, sequence, now, copies): those left for Python."},
    {"take", (PyCFunction)(void (*)(void))take, METH_FASTCALL,
     "take(publisher, packet, now): the route of a packet that was taken in, else None."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "sfu.transport._egress",
    .m_doc = "Receives, protects and sends RTP packets in native code.",
    .m_size = -1,
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit__egress(void) {
    if (!(NAMES(INTERN) field_init(&packet_marker, "marker")) || !batch_init() || !block_init() ||
        !receive_init() || !parse_init() || !decide_init() || !vp8_init() || !intake_init() ||
        PyType_Ready(&sender_type) < 0) {
        return NULL;
    }
    PyObject *module = PyModule_Create(&definition);
    if (module != NULL &&
        PyModule_AddObjectRef(module, "Sender", (PyObject *)&sender_type) < 0) {
        Py_CLEAR(module);
    }
    return module;
}
