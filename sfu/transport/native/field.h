/* Attributes of Python objects, read and written where their slots are: asking by name is most of
   what a copy costs. Whatever has no such slot is asked by name, with the same result. */

#ifndef PARLEY_FIELD_H
#define PARLEY_FIELD_H

#include <Python.h>
#include <stdbool.h>

/* One name, and where the class that was seen last keeps it. Classes get another version whenever
   they change. */
typedef struct {
    PyObject *name;
    PyTypeObject *type; /* owned; NULL: not known */
    unsigned int version;
    Py_ssize_t offset;
} Field;

/* Interns the name; false with an exception set. */
bool field_init(Field *field, const char *name);

/* Finds the slot of a class. */
bool field_learn(Field *field, PyTypeObject *type);

static inline PyObject **field_slot(Field *field, PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    if ((field->type != type || field->version != type->tp_version_tag) &&
        !field_learn(field, type)) {
        return NULL;
    }
    return (PyObject **)((char *)object + field->offset);
}

/* A new reference; NULL with an exception set. */
static inline PyObject *field_get(Field *field, PyObject *object) {
    PyObject **slot = field_slot(field, object);
    return slot != NULL && *slot != NULL ? Py_NewRef(*slot)
                                         : PyObject_GetAttr(object, field->name);
}

/* Steals `value`, which may be NULL with an exception set. */
static inline bool field_set(Field *field, PyObject *object, PyObject *value) {
    PyObject **slot = value != NULL ? field_slot(field, object) : NULL;
    if (slot != NULL) {
        Py_XSETREF(*slot, value);
        return true;
    }
    bool done = value != NULL && PyObject_SetAttr(object, field->name, value) == 0;
    Py_XDECREF(value);
    return done;
}

#endif
