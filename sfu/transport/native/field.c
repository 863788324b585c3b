#define PY_SSIZE_T_CLEAN
#include "field.h"

#include <structmember.h>

bool field_init(Field *field, const char *name) {
    *field = (Field){.name = PyUnicode_InternFromString(name)};
    return field->name != NULL;
}

bool field_learn(Field *field, PyTypeObject *type) {
    /* A slot stands for itself in its class; asking for it gives the class a version. */
    PyObject *found = PyObject_GetAttr((PyObject *)type, field->name);
    if (found == NULL) {
        PyErr_Clear();
        return false;
    }
    bool known = false;
    if (Py_IS_TYPE(found, &PyMemberDescr_Type)) {
        const PyMemberDef *member = ((PyMemberDescrObject *)found)->d_member;
        known = member->type == T_OBJECT_EX && !(member->flags & READONLY) &&
                PyType_IsSubtype(type, ((PyMemberDescrObject *)found)->d_common.d_type) &&
                type->tp_getattro == PyObject_GenericGetAttr &&
                type->tp_setattro == PyObject_GenericSetAttr && type->tp_version_tag != 0;
        if (known) {
            Py_XSETREF(field->type, (PyTypeObject *)Py_NewRef(type));
            field->version = type->tp_version_tag;
            field->offset = member->offset;
        }
    }
    Py_DECREF(found);
    return known;
}
