/* Reads the header of an RTP packet (RFC 3550 section 5.1) into the object that Python makes of it. */

#ifndef PARLEY_PARSE_H
#define PARLEY_PARSE_H

#include <Python.h>
#include <stdbool.h>

/* Interns the names it needs; false with an exception set. */
bool parse_init(void);

/* Whether `type` is a class of which objects can be made. */
bool parse_makes(PyObject *type);

/* The packet in `data`, of the class `type`; NULL without an exception when it is malformed. */
PyObject *parse_packet(PyTypeObject *type, PyObject *data);

/* The function parse(), see _egress.pyi. */
PyObject *parse(PyObject *module, PyObject *const *arguments, Py_ssize_t count);

#endif
