#define PY_SSIZE_T_CLEAN
#include "measures.h"

#include <math.h>
#include <string.h>

static const double BURST_SECONDS = 0.005, RESOLUTION_SECONDS = 0.00025, FALL = 0.2, RISE = 1.5;
enum { BURST_BYTES = 1000, BURSTS = 12, RISE_TIMES = 5 };

typedef struct {
    PyObject_HEAD
    double rates[BURSTS]; /* in a circle */
    unsigned rate_count, next_rate, rises;
    double first_sent, first_arrival, last, floor;
    int64_t bytes;
    bool has_floor;
} Dispersion;

static PyObject *dispersion_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords) {
    (void)arguments, (void)keywords;
    Dispersion *dispersion = (Dispersion *)type->tp_alloc(type, 0);
    if (dispersion != NULL) {
        dispersion->first_sent = -INFINITY;
    }
    return (PyObject *)dispersion;
}

static void dispersion_dealloc(Dispersion *dispersion) {
    Py_TYPE(dispersion)->tp_free((PyObject *)dispersion);
}

static bool dispersion_take(void *self, Item packet) {
    Dispersion *dispersion = self;
    double since = packet.sent - dispersion->first_sent;
    if (0.0 <= since && since <= BURST_SECONDS) {
        dispersion->bytes += packet.number;
        if (packet.arrived > dispersion->last) {
            dispersion->last = packet.arrived;
        }
        return true;
    }
    if (dispersion->bytes >= BURST_BYTES) {
        double span = dispersion->last - dispersion->first_arrival;
        span = span > RESOLUTION_SECONDS ? span : RESOLUTION_SECONDS;
        dispersion->rates[dispersion->next_rate] = (double)(dispersion->bytes * 8) / span;
        dispersion->next_rate = (dispersion->next_rate + 1) % BURSTS;
        dispersion->rate_count += dispersion->rate_count < BURSTS;
    }
    dispersion->first_sent = packet.sent;
    dispersion->first_arrival = dispersion->last = packet.arrived;
    dispersion->bytes = 0;
    return true;
}

static PyObject *dispersion_add(Dispersion *dispersion, PyObject *arrived) {
    return for_each(arrived, dispersion_take, dispersion);
}

static int ascending(const void *one, const void *other) {
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

static PyObject *dispersion_risen(Dispersion *dispersion, PyObject *nothing) {
    (void)nothing;
    if (dispersion->rate_count < BURSTS) {
        Py_RETURN_FALSE;
    }
    double rates[BURSTS];
    memcpy(rates, dispersion->rates, sizeof rates);
    qsort(rates, BURSTS, sizeof *rates, ascending);
    double rate = (rates[BURSTS / 2 - 1] + rates[BURSTS / 2]) / 2;
    if (!dispersion->has_floor) {
        dispersion->has_floor = true;
        dispersion->floor = rate;
    }
    if (rate < dispersion->floor) {
        dispersion->floor += FALL * (rate - dispersion->floor);
    }
    dispersion->rises = rate >= RISE * dispersion->floor ? dispersion->rises + 1 : 0;
    if (dispersion->rises < RISE_TIMES) {
        Py_RETURN_FALSE;
    }
    dispersion->floor = rate;
    dispersion->rises = 0;
    Py_RETURN_TRUE;
}

static PyMethodDef methods[] = {
    {"add", (PyCFunction)dispersion_add, METH_O, "Note packets, in the order of sending."},
    {"risen", (PyCFunction)dispersion_risen, METH_NOARGS,
     "Whether the path looks faster than it did; asked once per feedback."},
    {NULL, NULL, 0, NULL},
};

PyTypeObject dispersion_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "sfu.congestion._measures.Dispersion",
    .tp_basicsize = sizeof(Dispersion),
    .tp_dealloc = (destructor)dispersion_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "The rate at which bursts come out of the path.",
    .tp_methods = methods,
    .tp_new = dispersion_new,
};
