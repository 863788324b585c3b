/* The types of the module sfu.congestion._measures. Each does what the Python class of its name does,
   step by step: constants and reasons are there. */

#ifndef PARLEY_MEASURES_H
#define PARLEY_MEASURES_H

#include <Python.h>
#include <stdbool.h>

#include "ring.h"

extern PyTypeObject send_history_type, acked_rate_type, queue_delay_type, dispersion_type,
    delay_gradient_type;

/* Import what they make and give; false with an exception set. */
bool send_history_init(void);
bool delay_gradient_init(void);

/* Calls `take` with each (sent, arrived, size) of the list `arrived`, as long as it returns true.
   None, or NULL with an exception set. */
PyObject *for_each(PyObject *arrived, bool (*take)(void *self, Item packet), void *self);

#endif
