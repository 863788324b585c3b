/* Plain numbers in the slots of Python objects. What is not as expected is no error here: it is for
   Python to look at. */

#ifndef PARLEY_SLOTS_H
#define PARLEY_SLOTS_H

#include "field.h"

/* What is in the slot, borrowed; NULL, without an exception, when it has none or is empty. */
static inline PyObject *look(Field *field, PyObject *object) {
    PyObject **slot = object != NULL ? field_slot(field, object) : NULL;
    return slot != NULL ? *slot : NULL;
}

/* No number of packets or bytes is larger, and sums of such numbers do not overflow. */
static const long long MAX_WHOLE = 1LL << 53;

/* False when it is no whole number, or too large. */
static inline bool whole(PyObject *found, long long *value) {
    int overflow = 1;
    if (found != NULL && PyLong_CheckExact(found)) {
        *value = PyLong_AsLongLongAndOverflow(found, &overflow);
    }
    return overflow == 0 && -MAX_WHOLE < *value && *value < MAX_WHOLE;
}

static inline bool number(Field *field, PyObject *object, long long *value) {
    return whole(look(field, object), value);
}

static inline bool real(Field *field, PyObject *object, double *value) {
    PyObject *found = look(field, object);
    long long integer = 0;
    if (found != NULL && PyFloat_CheckExact(found)) {
        *value = PyFloat_AS_DOUBLE(found);
        return true;
    }
    bool known = whole(found, &integer);
    *value = (double)integer;
    return known;
}

static inline bool truth(Field *field, PyObject *object, bool *value) {
    PyObject *found = look(field, object);
    *value = found == Py_True;
    return found == Py_True || found == Py_False;
}

/* These are false with an exception set. */
static inline bool put(Field *field, PyObject *object, long long value) {
    return field_set(field, object, PyLong_FromLongLong(value));
}

static inline bool put_real(Field *field, PyObject *object, double value) {
    return field_set(field, object, PyFloat_FromDouble(value));
}

static inline bool put_object(Field *field, PyObject *object, PyObject *value) {
    return look(field, object) == value || field_set(field, object, Py_NewRef(value));
}

#endif
