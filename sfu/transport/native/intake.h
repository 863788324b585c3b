/* Takes in the packets that simply go on, as sfu.media.publisher does: the next one of a stream that
   is known, marked in the payload, and no beginning of a picture that stands for itself. All else is
   for Python. */

#ifndef PARLEY_INTAKE_H
#define PARLEY_INTAKE_H

#include <Python.h>
#include <stdbool.h>

/* Interns the names it needs; false with an exception set. */
bool intake_init(void);

/* The function take(), see _egress.pyi. */
PyObject *take(PyObject *module, PyObject *const *arguments, Py_ssize_t count);

#endif
