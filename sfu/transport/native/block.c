#define PY_SSIZE_T_CLEAN
#include "block.h"

#include <string.h>

#include "slots.h"

#define FIELDS(X)                                                                                \
    X(packet, data) X(packet, extension_profile) X(packet, extension_start)                      \
    X(packet, extension_end) X(block, data) X(block, transport_cc) X(block, abs_send_time)       \
    X(block, frame_number)
#define DECLARE(owner, name) static Field owner##_##name;
FIELDS(DECLARE)
#define INTERN(owner, name) field_init(&owner##_##name, #name) &&

bool block_init(void) { return FIELDS(INTERN) true; }

/* The one-byte form of RFC 8285 section 4.2. */
enum { HEADER = 4, ONE_BYTE = 0xBEDE, MAX_ID = 14, MAX_VALUE = 16, STAMP = 2, TIME = 3 };
/* Places of an ExtensionPlan. */
enum { FORWARDED, PLAN_TRANSPORT_CC, PLAN_ABS_SEND_TIME, PLAN_DEPENDENCY, PLAN_SIZE };

static bool is_id(long long id) { return id >= 0 && id <= MAX_ID; }

static void append(Block *block, unsigned id, const uint8_t *value, size_t size) {
    block->data[block->size++] = (uint8_t)(id << 4 | (size - 1));
    if (value != NULL) {
        memcpy(block->data + block->size, value, size);
    } else {
        memset(block->data + block->size, 0, size);
    }
    block->size += size;
}

/* Where an element begins that is written over later. */
static long append_stamp(Block *block, long long id, size_t size) {
    if (id == 0) {
        return -1;
    }
    append(block, (unsigned)id, NULL, size);
    return (long)(block->size - size);
}

/* The incoming elements by id. */
typedef struct {
    const uint8_t *values[MAX_ID + 1];
    size_t sizes[MAX_ID + 1];
} Elements;

/* False for what Python is to read, or to complain of. */
static bool read_elements(PyObject *packet, Elements *elements) {
    long long profile, at, end;
    PyObject *bytes = look(&packet_data, packet);
    if (bytes == NULL || !PyBytes_CheckExact(bytes) ||
        !number(&packet_extension_profile, packet, &profile) ||
        !number(&packet_extension_start, packet, &at) ||
        !number(&packet_extension_end, packet, &end) || at < 0 ||
        end > PyBytes_GET_SIZE(bytes) || (profile != 0 && profile != ONE_BYTE)) {
        return false;
    }
    const uint8_t *data = (const uint8_t *)PyBytes_AS_STRING(bytes);
    while (profile != 0 && at < end) {
        unsigned id = data[at] >> 4;
        size_t size = (data[at] & 0x0F) + 1u;
        if (data[at++] == 0) {
            continue;
        }
        if (id == 0 || id > MAX_ID || at + (long long)size > end) {
            return false;
        }
        elements->values[id] = data + at;
        elements->sizes[id] = size;
        at += (long long)size;
    }
    return true;
}

/* Adds what travels from the packet; false for what is for Python. */
static bool append_forwarded(Block *block, PyObject *packet, PyObject *pairs, const bool *ours,
                             long long dependency) {
    Elements elements = {0};
    bool used[MAX_ID + 1];
    memcpy(used, ours, sizeof used);
    if (!PyTuple_CheckExact(pairs) ||
        (PyTuple_GET_SIZE(pairs) > 0 && !read_elements(packet, &elements))) {
        return false;
    }
    for (Py_ssize_t n = 0; n < PyTuple_GET_SIZE(pairs); n++) {
        PyObject *pair = PyTuple_GET_ITEM(pairs, n);
        long long incoming, outgoing;
        if (!PyTuple_CheckExact(pair) || PyTuple_GET_SIZE(pair) != 2 ||
            !whole(PyTuple_GET_ITEM(pair, 0), &incoming) ||
            !whole(PyTuple_GET_ITEM(pair, 1), &outgoing) || !is_id(incoming) ||
            !is_id(outgoing) || outgoing == 0) {
            return false;
        }
        if (elements.values[incoming] != NULL) {
            if (used[outgoing] || outgoing == dependency) {
                return false;
            }
            used[outgoing] = true;
            append(block, (unsigned)outgoing, elements.values[incoming], elements.sizes[incoming]);
        }
    }
    return true;
}

/* A block without a dependency descriptor, in the one-byte form; false, without an exception, for
   all else. */
static bool write_block(PyObject *packet, PyObject *plan, Block *block) {
    long long transport_cc, abs_send_time, dependency;
    if (!PyTuple_Check(plan) || PyTuple_GET_SIZE(plan) != PLAN_SIZE ||
        !whole(PyTuple_GET_ITEM(plan, PLAN_TRANSPORT_CC), &transport_cc) ||
        !whole(PyTuple_GET_ITEM(plan, PLAN_ABS_SEND_TIME), &abs_send_time) ||
        !whole(PyTuple_GET_ITEM(plan, PLAN_DEPENDENCY), &dependency) ||
        !is_id(transport_cc) || !is_id(abs_send_time) ||
        (transport_cc != 0 && transport_cc == abs_send_time)) {
        return false;
    }
    bool ours[MAX_ID + 1] = {false};
    ours[transport_cc] = ours[abs_send_time] = true;
    block->size = HEADER;
    block->frame_number = -1;
    block->transport_cc = append_stamp(block, transport_cc, STAMP);
    block->abs_send_time = append_stamp(block, abs_send_time, TIME);
    if (!append_forwarded(block, packet, PyTuple_GET_ITEM(plan, FORWARDED), ours, dependency)) {
        return false;
    }
    if (block->size == HEADER) {
        block->size = 0;
        return true;
    }
    while (block->size % 4) {
        block->data[block->size++] = 0;
    }
    size_t words = block->size / 4 - 1;
    uint8_t header[HEADER] = {ONE_BYTE >> 8, ONE_BYTE & 0xFF, (uint8_t)(words >> 8), (uint8_t)words};
    memcpy(block->data, header, sizeof header);
    return true;
}

static bool is_place(Field *field, PyObject *block, long last, long *place) {
    PyObject *attribute = field_get(field, block);
    long long value;
    bool done = whole(attribute, &value) && value >= -1 && value <= last;
    Py_XDECREF(attribute);
    *place = done ? (long)value : -1;
    return done;
}

/* What Python's own block says; false with an exception set. */
static bool copy_block(PyObject *made, Block *read) {
    PyObject *data = field_get(&block_data, made);
    bool done = data != NULL && PyBytes_Check(data) && PyBytes_GET_SIZE(data) <= MAX_BLOCK;
    if (done) {
        read->size = (size_t)PyBytes_GET_SIZE(data);
        memcpy(read->data, PyBytes_AS_STRING(data), read->size);
        /* Where the last two or three bytes of the block begin; nowhere in an empty one. */
        long last_two = read->size ? (long)read->size - STAMP : -1;
        long last_three = read->size ? (long)read->size - TIME : -1;
        done = is_place(&block_transport_cc, made, last_two, &read->transport_cc) &&
               is_place(&block_abs_send_time, made, last_three, &read->abs_send_time) &&
               is_place(&block_frame_number, made, last_two, &read->frame_number);
    }
    Py_XDECREF(data);
    if (!done && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_ValueError, "this is no extension block");
    }
    return done;
}

bool block_read(PyObject *block_of, PyObject *packet, PyObject *plan, Block *read) {
    if (write_block(packet, plan, read)) {
        return true;
    }
    PyObject *made = PyObject_CallFunctionObjArgs(block_of, packet, plan, NULL);
    bool done = made != NULL && copy_block(made, read);
    Py_XDECREF(made);
    return done;
}
