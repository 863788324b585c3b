/* Decides for the copies that simply go on, as sfu.media.forwarder does: the packet is the newest
   of its run, and of layers that are marked in the payload. All else is for Python. */

#ifndef PARLEY_DECIDE_H
#define PARLEY_DECIDE_H

#include <Python.h>
#include <stdbool.h>

/* Interns the names it needs; false with an exception set. */
bool decide_init(void);

/* The function decide(), see _egress.pyi. */
PyObject *decide(PyObject *module, PyObject *const *arguments, Py_ssize_t count);

#endif
