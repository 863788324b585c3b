#define PY_SSIZE_T_CLEAN
#include "decide.h"

#include "slots.h"

/* What is read and written, one for each class: its class and its attribute. */
#define FIELDS(X)                                                                                \
    X(subscribed, send) X(send, forwarder) X(forwarder, run) X(forwarder, rewrite)               \
    X(forwarder, _filter) X(forwarder, sequence) X(forwarder, _last_timestamp)                   \
    X(forwarder, _last_sent) X(forwarder, _last_picture_id) X(forwarder, _last_tl0picidx)        \
    X(forwarder, _last_frame_number) X(run, stream) X(run, sequence) X(run, picture)             \
    X(run, timestamp) X(run, tl0picidx) X(run, payload_types) X(run, extensions)                 \
    X(numbering, first) X(numbering, newest) X(numbering, offset) X(numbering, _left_out)        \
    X(filter, _max_temporal) X(filter, _temporal) X(filter, _frame) X(rewrite, payload_type)     \
    X(rewrite, sequence_number) X(rewrite, timestamp) X(rewrite, extensions)                     \
    X(rewrite, picture_id) X(rewrite, tl0picidx) X(rewrite, frame_number) X(rewrite, marker)     \
    X(rewrite, empty) X(packet, mark) X(packet, dependency) X(packet, payload_offset)            \
    X(packet, payload_end) X(packet, payload_type) X(packet, timestamp) X(mark, keyframe)        \
    X(mark, temporal_id) X(mark, picture_id) X(mark, tl0picidx) X(mark, switching_point)
#define DECLARE(owner, name) static Field owner##_##name;
FIELDS(DECLARE)
#define INTERN(owner, name) field_init(&owner##_##name, #name) &&

bool decide_init(void) { return FIELDS(INTERN) true; }

enum { MAX_PICTURE_STEP = 256, PICTURE_MASK = 0x7FFF };

/* The packet, the same for all copies. */
typedef struct {
    PyObject *stream, *now, *type; /* borrowed */
    long long sequence, timestamp, temporal_id, picture_id, tl0picidx;
    bool keyframe, switching_point;
} Arrived;

/* False for what is for Python to decide about. */
static bool read_arrived(PyObject *packet, Arrived *read) {
    PyObject *mark = look(&packet_mark, packet);
    long long offset, end;
    read->type = look(&packet_payload_type, packet);
    return mark != NULL && mark != Py_None && look(&packet_dependency, packet) == Py_None &&
           read->type != NULL && PyLong_CheckExact(read->type) &&
           truth(&mark_keyframe, mark, &read->keyframe) &&
           truth(&mark_switching_point, mark, &read->switching_point) &&
           number(&packet_payload_offset, packet, &offset) &&
           number(&packet_payload_end, packet, &end) && offset < end &&
           number(&packet_timestamp, packet, &read->timestamp) &&
           number(&mark_temporal_id, mark, &read->temporal_id) &&
           number(&mark_picture_id, mark, &read->picture_id) &&
           number(&mark_tl0picidx, mark, &read->tl0picidx);
}

typedef struct {
    long long first, newest, offset;
} Numbering;

static bool read_numbering(PyObject *numbering, Numbering *read) {
    return number(&numbering_first, numbering, &read->first) &&
           number(&numbering_newest, numbering, &read->newest) &&
           number(&numbering_offset, numbering, &read->offset);
}

/* As Run.takes_picture, for a picture that is not older than the newest. */
static bool takes_picture(PyObject *picture, const Numbering *read, long long id) {
    if (id < read->first || id < read->newest || id - read->newest > MAX_PICTURE_STEP) {
        return false;
    }
    PyObject *left_out = look(&numbering__left_out, picture);
    Py_ssize_t size = left_out != NULL ? PyObject_Size(left_out) : -1;
    if (size <= 0) {
        PyErr_Clear();
        return size == 0;
    }
    PyObject *last = PySequence_GetItem(left_out, size - 1);
    long long value = last != NULL ? PyLong_AsLongLong(last) : -1;
    Py_XDECREF(last);
    if (PyErr_Occurred()) {
        PyErr_Clear();
        return false;
    }
    return id > value;
}

/* As LayerFilter.leaves_out: the highest layer that goes out from this packet on. */
static bool takes_layer(PyObject *filter, const Arrived *arrived, long long *temporal) {
    long long most, frame;
    if (!number(&filter__max_temporal, filter, &most) || most < 0 ||
        !number(&filter__temporal, filter, temporal) ||
        !number(&filter__frame, filter, &frame)) {
        return false;
    }
    if (arrived->timestamp != frame) {
        if (*temporal > most || arrived->keyframe) {
            *temporal = most;
        } else if (arrived->switching_point && arrived->temporal_id == *temporal + 1) {
            *temporal = arrived->temporal_id < most ? arrived->temporal_id : most;
        }
    }
    return arrived->temporal_id <= *temporal;
}

/* What one copy is to be, all of it known before anything is changed. */
typedef struct {
    PyObject *forwarder, *rewrite, *filter, *run, *picture, *type, *extensions; /* borrowed */
    Numbering sequence, pictures;
    long long timestamp, tl0picidx, temporal, sent;
} Decision;

static bool read_decision(PyObject *send, const Arrived *arrived, Decision *made) {
    made->forwarder = look(&send_forwarder, send);
    made->run = look(&forwarder_run, made->forwarder);
    if (made->run == NULL || look(&run_stream, made->run) != arrived->stream) {
        return false;
    }
    PyObject *types = look(&run_payload_types, made->run);
    made->rewrite = look(&forwarder_rewrite, made->forwarder);
    made->filter = look(&forwarder__filter, made->forwarder);
    made->extensions = look(&run_extensions, made->run);
    made->picture = look(&run_picture, made->run);
    if (types == NULL || !PyDict_CheckExact(types) || made->extensions == NULL ||
        made->picture == NULL || made->rewrite == NULL || made->filter == NULL ||
        !read_numbering(look(&run_sequence, made->run), &made->sequence) ||
        arrived->sequence < made->sequence.first || arrived->sequence <= made->sequence.newest ||
        !number(&run_timestamp, made->run, &made->timestamp) ||
        !number(&run_tl0picidx, made->run, &made->tl0picidx) ||
        !number(&forwarder_sequence, made->forwarder, &made->sent) ||
        !takes_layer(made->filter, arrived, &made->temporal)) {
        return false;
    }
    made->type = PyDict_GetItemWithError(types, arrived->type);
    if (made->type == NULL) {
        PyErr_Clear();
        return false;
    }
    return made->picture == Py_None || arrived->picture_id < 0 ||
           (read_numbering(made->picture, &made->pictures) &&
            takes_picture(made->picture, &made->pictures, arrived->picture_id));
}

/* Writes down what was decided, as Forwarder.decide does; false with an exception set. */
static bool write_decision(const Decision *made, const Arrived *arrived) {
    PyObject *rewrite = made->rewrite, *forwarder = made->forwarder;
    long long outgoing = arrived->sequence + made->sequence.offset;
    long long timestamp = (arrived->timestamp + made->timestamp) & 0xFFFFFFFF;
    long long picture_id = -1, tl0picidx = -1;
    bool done = put(&filter__frame, made->filter, arrived->timestamp) &&
                put(&filter__temporal, made->filter, made->temporal) &&
                put(&numbering_newest, look(&run_sequence, made->run), arrived->sequence);
    if (made->picture != Py_None && arrived->picture_id >= 0) {
        picture_id = (arrived->picture_id + made->pictures.offset) & PICTURE_MASK;
        done = done && put(&numbering_newest, made->picture, arrived->picture_id);
    }
    if (arrived->tl0picidx >= 0) {
        tl0picidx = (arrived->tl0picidx + made->tl0picidx) & 0xFF;
    }
    done = done && put_object(&rewrite_payload_type, rewrite, made->type) &&
           put(&rewrite_sequence_number, rewrite, outgoing & 0xFFFF) &&
           put(&rewrite_timestamp, rewrite, timestamp) &&
           put_object(&rewrite_extensions, rewrite, made->extensions) &&
           put(&rewrite_picture_id, rewrite, picture_id) &&
           put(&rewrite_tl0picidx, rewrite, tl0picidx) &&
           put(&rewrite_frame_number, rewrite, -1) &&
           put_object(&rewrite_marker, rewrite, Py_False) &&
           put_object(&rewrite_empty, rewrite, Py_False);
    if (outgoing <= made->sent) {
        return done;
    }
    if (arrived->picture_id >= 0) {
        done = done && put(&forwarder__last_picture_id, forwarder, picture_id) &&
               put(&forwarder__last_tl0picidx, forwarder, tl0picidx);
    }
    return done && put(&forwarder_sequence, forwarder, outgoing) &&
           put(&forwarder__last_timestamp, forwarder, timestamp) &&
           put_object(&forwarder__last_sent, forwarder, arrived->now) &&
           put(&forwarder__last_frame_number, forwarder, -1);
}

/* Decides about the copy of one subscribed track; 1 when it goes out, 0 when Python is to decide,
   -1 with an exception set. */
static int decide_one(PyObject *subscribed, const Arrived *arrived, PyObject *copies) {
    Decision made;
    PyObject *send = look(&subscribed_send, subscribed);
    if (send == NULL || !read_decision(send, arrived, &made)) {
        return 0;
    }
    return write_decision(&made, arrived) && PyList_Append(copies, send) == 0 ? 1 : -1;
}

PyObject *decide(PyObject *module, PyObject *const *arguments, Py_ssize_t count) {
    (void)module;
    if (count != 6 || !PyList_CheckExact(arguments[0]) || !PyLong_Check(arguments[3]) ||
        !PyFloat_Check(arguments[4]) || !PyList_CheckExact(arguments[5])) {
        PyErr_SetString(PyExc_TypeError,
                        "decide takes subscribed, stream, packet, sequence, now and copies");
        return NULL;
    }
    PyObject *left = PyList_New(0);
    Arrived arrived = {.stream = arguments[1],
                       .now = arguments[4],
                       .sequence = PyLong_AsLongLong(arguments[3])};
    bool simple = left != NULL && !PyErr_Occurred() && read_arrived(arguments[2], &arrived);
    for (Py_ssize_t n = 0; left != NULL && n < PyList_GET_SIZE(arguments[0]); n++) {
        PyObject *subscribed = PyList_GET_ITEM(arguments[0], n);
        int decided = simple ? decide_one(subscribed, &arrived, arguments[5]) : 0;
        if (PyErr_Occurred() || decided < 0 ||
            (decided == 0 && PyList_Append(left, subscribed) < 0)) {
            Py_CLEAR(left);
        }
    }
    return left;
}
