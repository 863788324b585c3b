#define PY_SSIZE_T_CLEAN
#include "measures.h"

#include <math.h>
#include <string.h>
#include <structmember.h>

static const double GROUP_MS = 5.0, RESET_MS = 2000.0, JUMP_MS = 3000.0, LEAST_SPREAD = 1e-6,
                    SMOOTHING = 0.9, GAIN = 4.0, THRESHOLD_START = 12.5, THRESHOLD_MIN = 6.0,
                    THRESHOLD_MAX = 600.0, K_UP = 0.0087, K_DOWN = 0.039, SPIKE = 15.0,
                    OVERUSE_MS = 10.0;
enum { WINDOW = 20, MAX_DELTAS = 60 };
enum { NORMAL, OVERUSE, UNDERUSE, USAGES };

typedef struct {
    double x, y;
} Point;

/* The slope of the line through the last points; sums are relative to the origin. */
typedef struct {
    Point points[WINDOW]; /* from the first on, in a circle */
    unsigned first, count, fresh;
    double origin_x, origin_y, x, y, xx, xy;
} Trend;

typedef struct {
    PyObject_HEAD
    int usage;
    double slope, threshold;
    bool in_group, has_last;
    double group_first, group_sent, group_arrival, last_sent, last_arrival;
    Trend trend;
    double accumulated, smoothed, previous_trend, over_ms;
    int count, over_groups;
} DelayGradient;

static PyObject *usages[USAGES];

bool delay_gradient_init(void) {
    static const char *const names[USAGES] = {"NORMAL", "OVERUSE", "UNDERUSE"};
    PyObject *module = PyImport_ImportModule("sfu.congestion.delay_gradient");
    PyObject *usage = module != NULL ? PyObject_GetAttrString(module, "Usage") : NULL;
    bool done = usage != NULL;
    for (int n = 0; n < USAGES && done; n++) {
        usages[n] = PyObject_GetAttrString(usage, names[n]);
        done = usages[n] != NULL;
    }
    Py_XDECREF(usage);
    Py_XDECREF(module);
    return done;
}

static Point *point_at(Trend *trend, unsigned index) {
    return &trend->points[(trend->first + index) % WINDOW];
}

/* Takes the newest point, which is not counted yet, for the origin. */
static void move_origin(Trend *trend) {
    Point origin = *point_at(trend, trend->count - 1);
    trend->origin_x = origin.x;
    trend->origin_y = origin.y;
    trend->fresh = WINDOW;
    trend->x = trend->y = trend->xx = trend->xy = 0.0;
    for (unsigned n = 0; n + 1 < trend->count; n++) {
        double x = point_at(trend, n)->x - origin.x, y = point_at(trend, n)->y - origin.y;
        trend->x += x;
        trend->y += y;
        trend->xx += x * x;
        trend->xy += x * y;
    }
}

/* False while there are too few points for a slope. */
static bool add_point(Trend *trend, double x, double y, double *slope) {
    *point_at(trend, trend->count++) = (Point){x, y};
    if (trend->fresh == 0) {
        move_origin(trend);
    }
    trend->fresh--;
    x -= trend->origin_x;
    y -= trend->origin_y;
    trend->x += x;
    trend->y += y;
    trend->xx += x * x;
    trend->xy += x * y;
    if (trend->count < WINDOW) {
        return false;
    }
    double numerator = trend->xy - trend->x * trend->y / WINDOW;
    double denominator = trend->xx - trend->x * trend->x / WINDOW;
    x = point_at(trend, 0)->x - trend->origin_x;
    y = point_at(trend, 0)->y - trend->origin_y;
    trend->first = (trend->first + 1) % WINDOW;
    trend->count--;
    trend->x -= x;
    trend->y -= y;
    trend->xx -= x * x;
    trend->xy -= x * y;
    *slope = denominator > LEAST_SPREAD ? numerator / denominator : 0.0;
    return true;
}

static void clear(DelayGradient *gradient) {
    gradient->usage = NORMAL;
    gradient->slope = 0.0;
    gradient->in_group = gradient->has_last = false;
    gradient->group_sent = gradient->group_arrival = 0.0;
    gradient->trend = (Trend){0};
    gradient->accumulated = gradient->smoothed = gradient->previous_trend = gradient->over_ms = 0.0;
    gradient->count = gradient->over_groups = 0;
}

static PyObject *gradient_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords) {
    (void)arguments, (void)keywords;
    DelayGradient *gradient = (DelayGradient *)type->tp_alloc(type, 0);
    if (gradient != NULL) {
        gradient->threshold = THRESHOLD_START;
    }
    return (PyObject *)gradient;
}

static void gradient_dealloc(DelayGradient *gradient) {
    Py_TYPE(gradient)->tp_free((PyObject *)gradient);
}

static void detect(DelayGradient *gradient, double trend, double sent_delta) {
    if (trend > gradient->threshold) {
        gradient->over_ms += gradient->over_groups ? sent_delta : sent_delta / 2;
        gradient->over_groups++;
        if (gradient->over_ms > OVERUSE_MS && gradient->over_groups > 1 &&
            trend >= gradient->previous_trend) {
            gradient->usage = OVERUSE;
        }
    } else {
        gradient->over_ms = 0.0;
        gradient->over_groups = 0;
        gradient->usage = trend < -gradient->threshold ? UNDERUSE : NORMAL;
    }
    gradient->previous_trend = trend;
    double distance = fabs(trend) - gradient->threshold;
    if (distance <= SPIKE) {
        double rate = distance > 0 ? K_UP : K_DOWN;
        double step = rate * distance * (sent_delta < 100.0 ? sent_delta : 100.0);
        double threshold = gradient->threshold + step;
        threshold = threshold > THRESHOLD_MIN ? threshold : THRESHOLD_MIN;
        gradient->threshold = threshold < THRESHOLD_MAX ? threshold : THRESHOLD_MAX;
    }
}

static void close_group(DelayGradient *gradient, double sent, double arrival, double next_sent) {
    bool has_last = gradient->has_last;
    double sent_delta = sent - gradient->last_sent;
    double arrival_delta = arrival - gradient->last_arrival;
    gradient->has_last = true;
    gradient->last_sent = sent;
    gradient->last_arrival = arrival;
    if (!has_last) {
        return;
    }
    if (next_sent - sent > RESET_MS || sent_delta > RESET_MS ||
        fabs(arrival_delta - sent_delta) > JUMP_MS) {
        clear(gradient);
        return;
    }
    gradient->count += gradient->count < MAX_DELTAS;
    gradient->accumulated += arrival_delta - sent_delta;
    gradient->smoothed += (1.0 - SMOOTHING) * (gradient->accumulated - gradient->smoothed);
    double slope;
    if (add_point(&gradient->trend, arrival, gradient->smoothed, &slope)) {
        gradient->slope = slope;
    }
    detect(gradient, gradient->count * gradient->slope * GAIN, sent_delta);
}

static bool gradient_take(void *self, Item packet) {
    DelayGradient *gradient = self;
    double sent = packet.sent * 1000.0, arrival = packet.arrived * 1000.0;
    if (gradient->in_group) {
        if (sent < gradient->group_first) {
            return true; /* out of order: its group is closed */
        }
        if (sent - gradient->group_first <= GROUP_MS) {
            gradient->group_sent = sent;
            if (arrival > gradient->group_arrival) {
                gradient->group_arrival = arrival;
            }
            return true;
        }
        close_group(gradient, gradient->group_sent, gradient->group_arrival, sent);
    }
    gradient->in_group = true;
    gradient->group_first = gradient->group_sent = sent;
    gradient->group_arrival = arrival;
    return true;
}

static PyObject *gradient_add(DelayGradient *gradient, PyObject *arrived) {
    return for_each(arrived, gradient_take, gradient);
}

static PyObject *gradient_usage(DelayGradient *gradient, void *closure) {
    (void)closure;
    return Py_NewRef(usages[gradient->usage]);
}

static PyMethodDef methods[] = {
    {"add", (PyCFunction)gradient_add, METH_O, "Note packets, in the order of sending."},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
    {"slope", T_DOUBLE, offsetof(DelayGradient, slope), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"usage", (getter)gradient_usage, NULL, "What the delay says about the path.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject delay_gradient_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "sfu.congestion._measures.DelayGradient",
    .tp_basicsize = sizeof(DelayGradient),
    .tp_dealloc = (destructor)gradient_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "Inter-group delay variation, trend filter and overuse detector.",
    .tp_methods = methods,
    .tp_members = members,
    .tp_getset = properties,
    .tp_new = gradient_new,
};
