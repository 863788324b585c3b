/* Receives many datagrams with one system call, and unprotects those that are RTP. */

#ifndef PARLEY_RECEIVE_H
#define PARLEY_RECEIVE_H

#include <Python.h>
#include <stdbool.h>

/* Interns the names it needs; false with an exception set. */
bool receive_init(void);

/* The function receive(), see _egress.pyi. */
PyObject *receive(PyObject *module, PyObject *const *arguments, Py_ssize_t count);

#endif
