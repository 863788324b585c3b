#define PY_SSIZE_T_CLEAN
#include "parse.h"

#include "cipher.h"
#include "field.h"

#define NAMES(X)                                                                                  \
    X(data) X(marker) X(payload_type) X(sequence_number) X(timestamp) X(ssrc) X(payload_offset)   \
    X(payload_end) X(extension_profile) X(extension_start) X(extension_end) X(mark) X(dependency)
#define DECLARE(name) static Field field_##name;
NAMES(DECLARE)
#define INTERN(name) field_init(&field_##name, #name) &&

static PyObject *nothing;

bool parse_init(void) {
    nothing = PyTuple_New(0);
    return NAMES(INTERN) nothing != NULL;
}

static bool put(Field *field, PyObject *packet, size_t value) {
    return field_set(field, packet, PyLong_FromSize_t(value));
}

bool parse_makes(PyObject *type) {
    return PyType_Check(type) && ((PyTypeObject *)type)->tp_new != NULL;
}

PyObject *parse_packet(PyTypeObject *type, PyObject *data) {
    const uint8_t *bytes = (const uint8_t *)PyBytes_AS_STRING(data);
    size_t size = (size_t)PyBytes_GET_SIZE(data);
    size_t offset = header_size(bytes, size), end = size;
    size_t profile = 0, extension_start = 0, extension_end = 0;
    if (offset == 0 || (bytes[0] & 0xC0) != 0x80) {
        return NULL;
    }
    if (bytes[0] & 0x10) {
        extension_start = 12 + 4u * (bytes[0] & 0x0F) + 4;
        extension_end = offset;
        profile = read16(bytes + extension_start - 4);
    }
    if (bytes[0] & 0x20) {
        size_t padding = bytes[size - 1];
        if (padding == 0 || padding > size - offset) {
            return NULL;
        }
        end -= padding;
    }
    PyObject *packet = type->tp_new(type, nothing, NULL);
    if (packet == NULL) {
        return NULL;
    }
    bool done = field_set(&field_data, packet, Py_NewRef(data)) &&
                field_set(&field_marker, packet, PyBool_FromLong(bytes[1] > 127)) &&
                put(&field_payload_type, packet, bytes[1] & 0x7F) &&
                put(&field_sequence_number, packet, read16(bytes + 2)) &&
                put(&field_timestamp, packet, read32(bytes + 4)) &&
                put(&field_ssrc, packet, read32(bytes + 8)) &&
                put(&field_payload_offset, packet, offset) &&
                put(&field_payload_end, packet, end) &&
                put(&field_extension_profile, packet, profile) &&
                put(&field_extension_start, packet, extension_start) &&
                put(&field_extension_end, packet, extension_end) &&
                field_set(&field_mark, packet, Py_NewRef(Py_None)) &&
                field_set(&field_dependency, packet, Py_NewRef(Py_None));
    if (!done) {
        Py_CLEAR(packet);
    }
    return packet;
}

PyObject *parse(PyObject *module, PyObject *const *arguments, Py_ssize_t count) {
    (void)module;
    if (count != 2 || !parse_makes(arguments[0]) || !PyBytes_Check(arguments[1])) {
        PyErr_SetString(PyExc_TypeError, "parse takes a class and bytes");
        return NULL;
    }
    PyObject *packet = parse_packet((PyTypeObject *)arguments[0], arguments[1]);
    return packet != NULL || PyErr_Occurred() ? packet : Py_NewRef(Py_None);
}
