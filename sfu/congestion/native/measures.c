#define PY_SSIZE_T_CLEAN
#include "measures.h"

#include <math.h>
#include <string.h>

static PyObject *boolean(bool value) { return PyBool_FromLong(value); }

/* --- AckedRate --- */

static const double ACKED_SECONDS = 0.5, RECENT_SECONDS = 0.2;
enum { RECENT_PACKETS = 8, LEAST_PACKETS = 4, ACKED_CAPACITY = 4096 };

typedef struct {
    PyObject_HEAD
    Ring packets;
    int64_t bytes;
} AckedRate;

static void acked_dealloc(AckedRate *acked) {
    ring_free(&acked->packets);
    Py_TYPE(acked)->tp_free((PyObject *)acked);
}

static void acked_drop_first(AckedRate *acked) {
    acked->bytes -= ring_at(&acked->packets, 0)->number;
    ring_drop_first(&acked->packets);
}

static bool acked_take(void *self, Item packet) {
    AckedRate *acked = self;
    if (acked->packets.count == ACKED_CAPACITY) {
        acked_drop_first(acked);
    }
    if (!ring_add(&acked->packets, packet)) {
        return false;
    }
    acked->bytes += packet.number;
    for (Item *first = ring_at(&acked->packets, 0);
         acked->packets.count > 1 && (packet.arrived - first->arrived >= ACKED_SECONDS ||
                                      packet.sent - first->sent >= 2 * ACKED_SECONDS);
         first = ring_at(&acked->packets, 0)) {
        acked_drop_first(acked);
    }
    return true;
}

static PyObject *acked_add(AckedRate *acked, PyObject *arrived) {
    return for_each(arrived, acked_take, acked);
}

static PyObject *acked_rate(AckedRate *acked, PyObject *now) {
    double at = PyFloat_AsDouble(now), rate = 0.0;
    Ring *packets = &acked->packets;
    if (packets->count > 0 && !(at - ring_last(packets)->sent > 4 * ACKED_SECONDS)) {
        rate = (double)(acked->bytes * 8) / ACKED_SECONDS;
    }
    return PyErr_Occurred() ? NULL : PyFloat_FromDouble(rate);
}

static PyObject *acked_covered(AckedRate *acked, PyObject *nothing) {
    (void)nothing;
    Ring *packets = &acked->packets;
    return boolean(packets->count > 0 &&
                   ring_last(packets)->arrived - ring_at(packets, 0)->arrived >=
                       0.6 * ACKED_SECONDS);
}

static PyObject *acked_recent_rate(AckedRate *acked, PyObject *nothing) {
    (void)nothing;
    Ring *packets = &acked->packets;
    int64_t total = 0;
    double span = 0.0;
    for (unsigned count = 0; count < packets->count; count++) {
        const Item *packet = ring_at(packets, packets->count - 1 - count);
        span = ring_last(packets)->arrived - packet->arrived;
        if (span >= RECENT_SECONDS && count >= RECENT_PACKETS) {
            return PyFloat_FromDouble((double)(total * 8) / span);
        }
        total += packet->number;
    }
    if (span < RECENT_SECONDS || packets->count <= LEAST_PACKETS) {
        Py_RETURN_NONE;
    }
    return PyFloat_FromDouble((double)((total - ring_at(packets, 0)->number) * 8) / span);
}

static PyMethodDef acked_methods[] = {
    {"add", (PyCFunction)acked_add, METH_O, "Note packets, in the order of sending."},
    {"rate", (PyCFunction)acked_rate, METH_O, "Bits per second over the window."},
    {"covered", (PyCFunction)acked_covered, METH_NOARGS,
     "Whether packets arrived over most of the window."},
    {"recent_rate", (PyCFunction)acked_recent_rate, METH_NOARGS,
     "Bits per second over the last moments, or None."},
    {NULL, NULL, 0, NULL},
};

PyTypeObject acked_rate_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "sfu.congestion._measures.AckedRate",
    .tp_basicsize = sizeof(AckedRate),
    .tp_dealloc = (destructor)acked_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "Sliding windows over acknowledged packets.",
    .tp_methods = acked_methods,
    .tp_new = PyType_GenericNew,
};

/* --- QueueDelay --- */

static const double WINDOW_SECONDS = 0.2, DISTANCE_SECONDS = 10.0, NEARER_SECONDS = 0.01,
                    STALE_SECONDS = 1.0;
enum { WINDOW_PACKETS = 5, QUEUE_CAPACITY = 512 };

typedef struct {
    PyObject_HEAD
    Ring recent, minima; /* of the latter, `sent` is the delay and `number` the packet's */
    int64_t count;
    double before, least, bucket_at;
    bool nearer;
} QueueDelay;

static PyObject *queue_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords) {
    (void)arguments, (void)keywords;
    QueueDelay *queue = (QueueDelay *)type->tp_alloc(type, 0);
    if (queue != NULL) {
        queue->before = queue->least = INFINITY;
    }
    return (PyObject *)queue;
}

static void queue_dealloc(QueueDelay *queue) {
    ring_free(&queue->recent);
    ring_free(&queue->minima);
    Py_TYPE(queue)->tp_free((PyObject *)queue);
}

static void note_distance(QueueDelay *queue, double sent, double delay) {
    if (delay < queue->least) {
        if (delay < queue->before && !queue->nearer) {
            double known = queue->least < queue->before ? queue->least : queue->before;
            queue->nearer = NEARER_SECONDS < known - delay && known - delay < INFINITY;
        }
        if (sent - queue->bucket_at < DISTANCE_SECONDS) {
            queue->least = delay;
        }
    }
    if (sent - queue->bucket_at >= DISTANCE_SECONDS) {
        queue->before = queue->least;
        queue->least = delay;
        queue->bucket_at = sent;
    }
}

static bool queue_take(void *self, Item packet) {
    QueueDelay *queue = self;
    Ring *recent = &queue->recent, *minima = &queue->minima;
    double delay = packet.arrived - packet.sent;
    note_distance(queue, packet.sent, delay);
    if (recent->count > 0 && packet.sent - ring_last(recent)->sent > STALE_SECONDS) {
        ring_clear(recent);
        ring_clear(minima);
    }
    queue->count++;
    while (minima->count > 0 && ring_last(minima)->sent >= delay) {
        minima->count--;
    }
    if (!ring_add(recent, packet) || !ring_add(minima, (Item){delay, 0.0, queue->count})) {
        return false;
    }
    while (recent->count > WINDOW_PACKETS &&
           (packet.arrived - ring_at(recent, 0)->arrived > WINDOW_SECONDS ||
            recent->count > QUEUE_CAPACITY)) {
        ring_drop_first(recent);
    }
    while (ring_at(minima, 0)->number <= queue->count - recent->count) {
        ring_drop_first(minima);
    }
    return true;
}

static PyObject *queue_add(QueueDelay *queue, PyObject *arrived) {
    return for_each(arrived, queue_take, queue);
}

static bool is_known(const QueueDelay *queue) { return queue->recent.count >= WINDOW_PACKETS; }

static PyObject *queue_seconds(QueueDelay *queue, PyObject *nothing) {
    (void)nothing;
    double seconds = 0.0;
    if (is_known(queue)) {
        double distance = queue->least < queue->before ? queue->least : queue->before;
        seconds = ring_at(&queue->minima, 0)->sent - distance;
    }
    return PyFloat_FromDouble(seconds > 0.0 ? seconds : 0.0);
}

static PyObject *queue_known(QueueDelay *queue, PyObject *nothing) {
    (void)nothing;
    return boolean(is_known(queue));
}

static PyObject *queue_accept(QueueDelay *queue, PyObject *nothing) {
    (void)nothing;
    if (queue->recent.count > 0) {
        queue->before = queue->least = ring_at(&queue->minima, 0)->sent;
    }
    Py_RETURN_NONE;
}

static PyObject *queue_nearer(QueueDelay *queue, PyObject *nothing) {
    (void)nothing;
    bool nearer = queue->nearer;
    queue->nearer = false;
    return boolean(nearer);
}

static PyMethodDef queue_methods[] = {
    {"add", (PyCFunction)queue_add, METH_O, "Note packets, in the order of sending."},
    {"seconds", (PyCFunction)queue_seconds, METH_NOARGS, "The standing queue."},
    {"known", (PyCFunction)queue_known, METH_NOARGS, "Whether enough packets arrived lately."},
    {"accept", (PyCFunction)queue_accept, METH_NOARGS, "Take the queue as part of the distance."},
    {"nearer", (PyCFunction)queue_nearer, METH_NOARGS,
     "Whether the distance has shrunk since this was last asked."},
    {NULL, NULL, 0, NULL},
};

PyTypeObject queue_delay_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "sfu.congestion._measures.QueueDelay",
    .tp_basicsize = sizeof(QueueDelay),
    .tp_dealloc = (destructor)queue_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "Minimum filters over the delay.",
    .tp_methods = queue_methods,
    .tp_new = queue_new,
};
