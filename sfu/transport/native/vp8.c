#define PY_SSIZE_T_CLEAN
#include "vp8.h"

#include "slots.h"

#define NAMES(X)                                                                                 \
    X(keyframe) X(start_of_frame) X(temporal_id) X(picture_id) X(picture_id_offset)              \
    X(picture_id_long) X(tl0picidx) X(tl0picidx_offset) X(switching_point) X(end_of_frame)       \
    X(spatial_id) X(height)
#define DECLARE(name) static Field mark_##name;
NAMES(DECLARE)
#define INTERN(name) field_init(&mark_##name, #name) &&

static PyObject *mark_type, *marks_vp8, *nothing;

static PyObject *imported(const char *module, const char *name) {
    PyObject *from = PyImport_ImportModule(module);
    PyObject *found = from != NULL ? PyObject_GetAttrString(from, name) : NULL;
    Py_XDECREF(from);
    return found;
}

bool vp8_init(void) {
    mark_type = imported("sfu.rtp.codecs.mark", "PayloadMark");
    marks_vp8 = mark_type != NULL ? imported("sfu.rtp.codecs.vp8", "mark") : NULL;
    nothing = marks_vp8 != NULL ? PyTuple_New(0) : NULL;
    return nothing != NULL && PyType_Check(mark_type) && NAMES(INTERN) true;
}

bool vp8_is(PyObject *marker) { return marker == marks_vp8; }

/* What a descriptor says; -1 for what it does not hold. */
typedef struct {
    bool start, keyframe, picture_id_long, switching_point;
    long temporal_id, picture_id, picture_id_offset, tl0picidx, tl0picidx_offset;
} Descriptor;

static bool read_descriptor(const uint8_t *data, size_t at, size_t end, Descriptor *read) {
    *read = (Descriptor){.picture_id = -1, .picture_id_offset = -1, .tl0picidx = -1,
                         .tl0picidx_offset = -1};
    uint8_t first = data[at++];
    read->start = (first & 0x17) == 0x10; /* S bit set, partition 0 */
    if (first & 0x80) {
        if (at >= end) {
            return false;
        }
        uint8_t flags = data[at++];
        if (flags & 0x80) {
            if (at >= end) {
                return false;
            }
            read->picture_id_offset = (long)at;
            read->picture_id = data[at++];
            if (read->picture_id & 0x80) {
                if (at >= end) {
                    return false;
                }
                read->picture_id_long = true;
                read->picture_id = (read->picture_id & 0x7F) << 8 | data[at++];
            }
        }
        if (flags & 0x40) {
            if (at >= end) {
                return false;
            }
            read->tl0picidx_offset = (long)at;
            read->tl0picidx = data[at++];
        }
        if (flags & 0x30) {
            if (at >= end) {
                return false;
            }
            if (flags & 0x20) {
                read->temporal_id = data[at] >> 6;
                read->switching_point = data[at] & 0x20;
            }
            at++;
        }
    }
    /* The P bit of the frame header (RFC 6386 section 9.1) is 0 in a keyframe. */
    read->keyframe = read->start && at < end && !(data[at] & 0x01);
    return true;
}

PyObject *vp8_mark(const uint8_t *data, size_t offset, size_t end, bool marker) {
    Descriptor read;
    if (offset >= end || !read_descriptor(data, offset, end, &read) || read.keyframe) {
        return NULL;
    }
    PyTypeObject *type = (PyTypeObject *)mark_type;
    PyObject *mark = type->tp_new(type, nothing, NULL);
    bool done = mark != NULL && put_object(&mark_keyframe, mark, Py_False) &&
                put_object(&mark_start_of_frame, mark, read.start ? Py_True : Py_False) &&
                put(&mark_temporal_id, mark, read.temporal_id) &&
                put(&mark_picture_id, mark, read.picture_id) &&
                put(&mark_picture_id_offset, mark, read.picture_id_offset) &&
                put_object(&mark_picture_id_long, mark,
                           read.picture_id_long ? Py_True : Py_False) &&
                put(&mark_tl0picidx, mark, read.tl0picidx) &&
                put(&mark_tl0picidx_offset, mark, read.tl0picidx_offset) &&
                put_object(&mark_switching_point, mark,
                           read.switching_point ? Py_True : Py_False) &&
                put_object(&mark_end_of_frame, mark, marker ? Py_True : Py_False) &&
                put(&mark_spatial_id, mark, 0) && put(&mark_height, mark, 0);
    if (!done) {
        PyErr_Clear(); /* Python makes its own */
        Py_CLEAR(mark);
    }
    return mark;
}
