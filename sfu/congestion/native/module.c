/* The module sfu.congestion._measures. */

#define PY_SSIZE_T_CLEAN
#include "measures.h"

PyObject *for_each(PyObject *arrived, bool (*take)(void *self, Item packet), void *self) {
    if (!PyList_Check(arrived)) {
        PyErr_SetString(PyExc_TypeError, "a list of packets is needed");
        return NULL;
    }
    for (Py_ssize_t n = 0; n < PyList_GET_SIZE(arrived); n++) {
        PyObject *packet = PyList_GET_ITEM(arrived, n);
        if (!PyTuple_Check(packet) || PyTuple_GET_SIZE(packet) != 3) {
            PyErr_SetString(PyExc_TypeError, "a packet is (sent, arrived, size)");
            return NULL;
        }
        /* Whatever else is converted runs code, which might change the list meanwhile. */
        for (int part = 0; part < 3; part++) {
            PyObject *number = PyTuple_GET_ITEM(packet, part);
            if (!(PyLong_CheckExact(number) || (part < 2 && PyFloat_CheckExact(number)))) {
                PyErr_SetString(PyExc_TypeError, "a packet is of plain numbers");
                return NULL;
            }
        }
        Item item = {PyFloat_AsDouble(PyTuple_GET_ITEM(packet, 0)),
                     PyFloat_AsDouble(PyTuple_GET_ITEM(packet, 1)),
                     PyLong_AsLongLong(PyTuple_GET_ITEM(packet, 2))};
        if (PyErr_Occurred()) {
            return NULL;
        }
        if (item.number < 0 || item.number > INT32_MAX) {
            PyErr_SetString(PyExc_OverflowError, "no packet has such a size");
            return NULL;
        }
        if (!take(self, item)) {
            return PyErr_NoMemory();
        }
    }
    Py_RETURN_NONE;
}

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "sfu.congestion._measures",
    .m_doc = "What the packets of a path tell, in native code.",
    .m_size = -1,
};

static bool add_type(PyObject *module, const char *name, PyTypeObject *type) {
    return PyType_Ready(type) == 0 && PyModule_AddObjectRef(module, name, (PyObject *)type) == 0;
}

PyMODINIT_FUNC PyInit__measures(void) {
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL || !send_history_init() || !delay_gradient_init() ||
        !add_type(module, "SendHistory", &send_history_type) ||
        !add_type(module, "AckedRate", &acked_rate_type) ||
        !add_type(module, "QueueDelay", &queue_delay_type) ||
        !add_type(module, "Dispersion", &dispersion_type) ||
        !add_type(module, "DelayGradient", &delay_gradient_type)) {
        Py_XDECREF(module);
        return NULL;
    }
    return module;
}
