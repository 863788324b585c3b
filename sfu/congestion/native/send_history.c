#define PY_SSIZE_T_CLEAN
#include "measures.h"

#include <math.h>
#include <structmember.h>

enum { CAPACITY = 4096, MASK = CAPACITY - 1 };
enum { NEVER, AWAITED, LOST, ARRIVED };
static const double STEP_SECONDS = 5.0, TICK_SECONDS = 0.00025, REFERENCE_SECONDS = 0.064;
static const long SPAN_TICKS = 40000, REFERENCE_HALF = 1 << 23, REFERENCE_MASK = (1 << 24) - 1;

typedef struct {
    double at;
    uint32_t size;
    uint16_t probe;
    uint8_t fate;
} Sent;

typedef struct {
    PyObject_HEAD
    long long sent_bytes, ignored, next, reported;
    Sent *sent; /* NULL until the first packet: who gets nothing needs no memory */
    bool referenced;
    long reference;
    double clock, clock_at;
} SendHistory;

static PyObject *fates_type, *name_arrivals, *name_base, *name_reference;

bool send_history_init(void) {
    PyObject *module = PyImport_ImportModule("sfu.congestion.send_history");
    fates_type = module != NULL ? PyObject_GetAttrString(module, "Fates") : NULL;
    Py_XDECREF(module);
    name_arrivals = PyUnicode_InternFromString("arrivals");
    name_base = PyUnicode_InternFromString("base_sequence");
    name_reference = PyUnicode_InternFromString("reference_time");
    return fates_type != NULL && name_arrivals != NULL && name_base != NULL &&
           name_reference != NULL;
}

static PyObject *history_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords) {
    (void)arguments, (void)keywords;
    SendHistory *history = (SendHistory *)type->tp_alloc(type, 0);
    if (history != NULL) {
        history->reported = -1;
    }
    return (PyObject *)history;
}

static void history_dealloc(SendHistory *history) {
    free(history->sent);
    Py_TYPE(history)->tp_free((PyObject *)history);
}

static PyObject *record(SendHistory *history, PyObject *const *arguments, Py_ssize_t count) {
    if (count != 2 && count != 3) {
        return PyErr_Format(PyExc_TypeError, "record takes size, now and perhaps probe");
    }
    long size = PyLong_AsLong(arguments[0]), probe = count == 3 ? PyLong_AsLong(arguments[2]) : 0;
    double now = PyFloat_AsDouble(arguments[1]);
    if (PyErr_Occurred()) {
        return NULL;
    }
    if (size < 0 || size > INT32_MAX || probe < 0 || probe > UINT16_MAX) {
        PyErr_SetString(PyExc_OverflowError, "no such size or probe");
        return NULL;
    }
    if (history->sent == NULL) {
        history->sent = calloc(CAPACITY, sizeof *history->sent);
        if (history->sent == NULL) {
            return PyErr_NoMemory();
        }
    }
    long long sequence = history->next++;
    history->sent_bytes += size;
    history->sent[sequence & MASK] = (Sent){now, (uint32_t)size, (uint16_t)probe, AWAITED};
    return PyLong_FromLong((long)(sequence & 0xFFFF));
}

static PyObject *unreported_since(SendHistory *history, PyObject *nothing) {
    (void)nothing;
    long long first = history->reported + 1;
    first = first > history->next - CAPACITY ? first : history->next - CAPACITY;
    if (first >= history->next) {
        Py_RETURN_NONE;
    }
    return PyFloat_FromDouble(history->sent[first & MASK].at);
}

/* The receiver's clock without its wrap; false when it jumped. */
static bool follow(SendHistory *history, long reference, double now) {
    bool referenced = history->referenced;
    long known = history->reference;
    double elapsed = now - history->clock_at;
    history->referenced = true;
    history->reference = reference;
    history->clock_at = now;
    if (!referenced) {
        history->clock = 0.0;
        return true;
    }
    long units = ((reference - known + REFERENCE_HALF) & REFERENCE_MASK) - REFERENCE_HALF;
    double step = (double)units * REFERENCE_SECONDS;
    if (fabs(step - elapsed) > STEP_SECONDS) {
        history->clock += elapsed;
        return false;
    }
    history->clock += step;
    return true;
}

/* What one feedback tells. */
typedef struct {
    PyObject *arrived, *media, *lost;
    long late;
    double newest;
} Fates;

static bool append(PyObject *list, PyObject *value) {
    return value != NULL && PyList_Append(list, value) == 0;
}

static bool arrive(Fates *fates, const Sent *sent, double at) {
    PyObject *packet = Py_BuildValue("(ddI)", sent->at, at, (unsigned int)sent->size);
    bool done = append(fates->arrived, packet) &&
                (sent->probe != 0 || append(fates->media, packet));
    Py_XDECREF(packet);
    return done;
}

/* Takes in whether and when (None, or ticks) one packet arrived. */
static bool settle(SendHistory *history, Fates *fates, Sent *sent, PyObject *ticks) {
    if (sent->fate == ARRIVED || sent->fate == NEVER) {
        history->ignored++;
        return true;
    }
    if (ticks == Py_None) {
        if (sent->fate == LOST) {
            history->ignored++;
            return true;
        }
        sent->fate = LOST;
        fates->newest = sent->at;
        PyObject *at = PyFloat_FromDouble(sent->at);
        bool done = append(fates->lost, at);
        Py_XDECREF(at);
        return done;
    }
    if (!PyLong_Check(ticks)) {
        PyErr_SetString(PyExc_TypeError, "ticks are whole numbers");
        return false;
    }
    int overflow = 0;
    long offset = PyLong_AsLongAndOverflow(ticks, &overflow);
    if (offset == -1 && PyErr_Occurred()) {
        return false;
    }
    if (overflow != 0 || offset < -SPAN_TICKS || offset > SPAN_TICKS) {
        history->ignored++;
        return true;
    }
    fates->late += sent->fate == LOST;
    sent->fate = ARRIVED;
    fates->newest = sent->at;
    return arrive(fates, sent, history->clock + (double)offset * TICK_SECONDS);
}

static bool settle_all(SendHistory *history, Fates *fates, PyObject *arrivals, long base_sequence) {
    long long count = PyList_GET_SIZE(arrivals), newest = history->next - 1;
    long long base = newest - ((newest - base_sequence) & 0xFFFF), first = 0, end = count;
    first = history->next - CAPACITY - base > first ? history->next - CAPACITY - base : first;
    first = -base > first ? -base : first;
    first = first < count ? first : count;
    end = history->next - base < end ? history->next - base : end;
    end = end > first ? end : first;
    history->ignored += count - (end - first);
    for (long long n = first; n < end; n++) {
        if (!settle(history, fates, &history->sent[(base + n) & MASK],
                    PyList_GET_ITEM(arrivals, n))) {
            return false;
        }
    }
    if (fates->newest > -INFINITY && base + end - 1 > history->reported) {
        history->reported = base + end - 1;
    }
    return true;
}

/* A number that fits `least` to `most`, as those on the wire do. */
static bool read_long(PyObject *object, PyObject *name, long least, long most, long *value) {
    PyObject *attribute = PyObject_GetAttr(object, name);
    *value = attribute != NULL ? PyLong_AsLong(attribute) : -1;
    Py_XDECREF(attribute);
    if (!PyErr_Occurred() && (*value < least || *value > most)) {
        PyErr_Format(PyExc_OverflowError, "%U is out of range", name);
    }
    return !PyErr_Occurred();
}

static PyObject *resolve(SendHistory *history, PyObject *const *arguments, Py_ssize_t count) {
    if (count != 2) {
        return PyErr_Format(PyExc_TypeError, "resolve takes a feedback and now");
    }
    long base, reference;
    double now = PyFloat_AsDouble(arguments[1]);
    PyObject *arrivals = PyObject_GetAttr(arguments[0], name_arrivals);
    if (arrivals == NULL || PyErr_Occurred() || !read_long(arguments[0], name_base, 0, 0xFFFF, &base) ||
        !read_long(arguments[0], name_reference, -REFERENCE_HALF, REFERENCE_HALF, &reference) || !PyList_Check(arrivals)) {
        Py_XDECREF(arrivals);
        return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_TypeError, "arrivals is no list");
    }
    Fates fates = {PyList_New(0), PyList_New(0), PyList_New(0), 0, -INFINITY};
    PyObject *made = NULL;
    bool done = fates.arrived != NULL && fates.media != NULL && fates.lost != NULL;
    if (done && !follow(history, reference, now)) {
        history->ignored += PyList_GET_SIZE(arrivals);
    } else {
        done = done && settle_all(history, &fates, arrivals, base);
    }
    if (done) {
        made = PyObject_CallFunction(fates_type, "OOOld", fates.arrived, fates.media, fates.lost,
                                     fates.late, fates.newest);
    }
    Py_XDECREF(fates.arrived);
    Py_XDECREF(fates.media);
    Py_XDECREF(fates.lost);
    Py_DECREF(arrivals);
    return made;
}

static PyMethodDef methods[] = {
    {"record", (PyCFunction)(void (*)(void))record, METH_FASTCALL,
     "record(size, now, probe=0): the 16-bit number of a packet that is sent now."},
    {"unreported_since", (PyCFunction)unreported_since, METH_NOARGS,
     "When the first packet after the last reported one was sent, or None."},
    {"resolve", (PyCFunction)(void (*)(void))resolve, METH_FASTCALL,
     "resolve(feedback, now): the fates that were not known."},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
    {"sent_bytes", T_LONGLONG, offsetof(SendHistory, sent_bytes), READONLY, NULL},
    {"ignored", T_LONGLONG, offsetof(SendHistory, ignored), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyTypeObject send_history_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "sfu.congestion._measures.SendHistory",
    .tp_basicsize = sizeof(SendHistory),
    .tp_dealloc = (destructor)history_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "What was sent, until feedback tells its fate.",
    .tp_methods = methods,
    .tp_members = members,
    .tp_new = history_new,
};
