#define PY_SSIZE_T_CLEAN
#include "intake.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "cipher.h"
#include "slots.h"
#include "vp8.h"

/* What is read and written, one for each class: its class and its attribute. */
#define FIELDS(X)                                                                                \
    X(publisher, _routes) X(publisher, _arrivals) X(publisher, _transport_cc_id)                 \
    X(publisher, _audio_level_id) X(publisher, _level) X(packet, data) X(packet, marker)         \
    X(packet, payload_type) X(packet, sequence_number) X(packet, timestamp) X(packet, ssrc)      \
    X(packet, payload_offset) X(packet, payload_end) X(packet, extension_profile)                \
    X(packet, extension_start) X(packet, extension_end) X(packet, mark) X(route, track)          \
    X(route, primary) X(route, stream) X(track, _markers) X(track, _dependency_id)               \
    X(track, _traffic) X(track, _sound_left) X(track, _sound_at) X(track, kind) X(track, source) \
    X(track, muted) X(track, packets) X(mark, keyframe) X(mark, temporal_id)                     \
    X(mark, picture_id) X(mark, picture_id_long) X(stream, layers) X(stream, losses)             \
    X(stream, cache) X(stream, keyframes) X(stream, clock_rate) X(stream, _base)                 \
    X(stream, _jitter) X(stream, _transit) X(stream, _picture_id) X(stream, _unwrapper)          \
    X(layer, stream) X(layer, heard_at) X(layer, _bytes) X(losses, highest) X(losses, received)  \
    X(losses, _heard_at) X(cache, _mask) X(cache, _sequences) X(cache, _arrivals)                \
    X(cache, _packets) X(unwrapper, _last) X(keyframes, wanted) X(keyframes, _satisfied)         \
    X(traffic, packets_in) X(traffic, bytes_in) X(recorder, _arrivals) X(recorder, _unwrapper)   \
    X(recorder, _next) X(recorder, media_ssrc)
#define DECLARE(owner, name) static Field owner##_##name;
FIELDS(DECLARE)
#define INTERN(owner, name) field_init(&owner##_##name, #name) &&

bool intake_init(void) { return FIELDS(INTERN) true; }

/* These are those of the Python classes, where their reasons are. */
static const double SOUND_BYTES_PER_SECOND = 160000, SOUND_BYTES_AT_ONCE = 320000;
enum { LEAST_SOUND_BYTES = 400, MAX_PENDING = 2048, MAX_TEMPORAL = 4 };

/* Of the header extensions: the elements that are asked for, NULL where the packet has none. */
typedef struct {
    const uint8_t *transport_cc, *audio_level;
    size_t transport_cc_size, audio_level_size;
    bool dependency;
} Elements;

/* All that is known of a packet before anything is changed; objects are borrowed unless said. */
typedef struct {
    PyObject *packet, *now, *data, *route, *track, *stream, *layer, *losses, *cache, *unwrapper;
    PyObject *bytes_list, *sequences, *arrived, *packets, *traffic, *recorder, *level;
    PyObject *mark; /* owned */
    Elements elements;
    double at, sound_left, transit, jitter;
    long long sequence, index, temporal_id, picture_id, size, pending; /* -1: nothing to note */
    long long packets_in, bytes_in, received, counted, layer_bytes, newest_pending;
    bool sound, first_transit, records;
} Intake;

/* RFC 8285 section 4.2; false for what Python is to read. */
static bool read_elements(Intake *intake, long long transport_cc, long long audio_level,
                          long long dependency) {
    long long profile, at, end;
    PyObject *packet = intake->packet;
    const uint8_t *data = (const uint8_t *)PyBytes_AS_STRING(intake->data);
    if (!number(&packet_extension_profile, packet, &profile) ||
        !number(&packet_extension_start, packet, &at) ||
        !number(&packet_extension_end, packet, &end) || at < 0 ||
        end > PyBytes_GET_SIZE(intake->data) || (profile != 0 && profile != 0xBEDE)) {
        return false;
    }
    while (profile != 0 && at < end) {
        unsigned id = data[at] >> 4;
        size_t size = (data[at] & 0x0F) + 1u;
        if (data[at++] == 0) {
            continue;
        }
        if (id == 15 || id == 0 || at + (long long)size > end) {
            return false;
        }
        if (id == transport_cc && intake->elements.transport_cc == NULL) {
            intake->elements.transport_cc = data + at;
            intake->elements.transport_cc_size = size;
        } else if (id == audio_level && intake->elements.audio_level == NULL) {
            intake->elements.audio_level = data + at;
            intake->elements.audio_level_size = size;
        }
        intake->elements.dependency = intake->elements.dependency || id == dependency;
        at += (long long)size;
    }
    return !intake->elements.dependency;
}

/* As ArrivalRecorder.record will note it. */
static bool read_arrival(Intake *intake) {
    const Elements *elements = &intake->elements;
    intake->records = false;
    if (elements->transport_cc == NULL || elements->transport_cc_size != 2) {
        return true;
    }
    PyObject *pending = look(&recorder__arrivals, intake->recorder);
    PyObject *next = look(&recorder__next, intake->recorder);
    PyObject *unwrapper = look(&recorder__unwrapper, intake->recorder);
    long long last, first = 0;
    if (pending == NULL || !PyDict_CheckExact(pending) || next == NULL ||
        !number(&unwrapper__last, unwrapper, &last) || (next != Py_None && !whole(next, &first))) {
        return false;
    }
    int16_t distance = (int16_t)(uint16_t)(read16(elements->transport_cc) - (uint16_t)last);
    intake->pending = last + distance;
    intake->newest_pending = distance > 0 ? intake->pending : last;
    intake->records = PyDict_GET_SIZE(pending) < MAX_PENDING &&
                      (next == Py_None || intake->pending >= first);
    return true;
}

/* As PublishedTrack._floods; false for one that does, too. */
static bool read_allowance(Intake *intake) {
    double left, at;
    if (!real(&track__sound_left, intake->track, &left) ||
        !real(&track__sound_at, intake->track, &at)) {
        return false;
    }
    left += (intake->at - at) * SOUND_BYTES_PER_SECOND;
    left = left < SOUND_BYTES_AT_ONCE ? left : SOUND_BYTES_AT_ONCE;
    double size = (double)PyBytes_GET_SIZE(intake->data);
    intake->sound_left = left - (size > LEAST_SOUND_BYTES ? size : LEAST_SOUND_BYTES);
    return intake->sound_left >= 0;
}

/* Whether a StrEnum has that value. */
static bool is(PyObject *text, const char *value) {
    return text != NULL && PyUnicode_Check(text) &&
           PyUnicode_CompareWithASCIIString(text, value) == 0;
}

/* The mark, by our own code or by the codec's function; false for what Python is to look at. */
static bool read_mark(Intake *intake, PyObject *marker) {
    long long offset, end;
    bool last, keyframe, wide;
    PyObject *packet = intake->packet;
    if (!number(&packet_payload_offset, packet, &offset) ||
        !number(&packet_payload_end, packet, &end) || !truth(&packet_marker, packet, &last) ||
        offset < 0 || offset >= end || end > PyBytes_GET_SIZE(intake->data)) {
        return false;
    }
    intake->size = end - offset;
    const uint8_t *data = (const uint8_t *)PyBytes_AS_STRING(intake->data);
    intake->mark = vp8_is(marker) ? vp8_mark(data, (size_t)offset, (size_t)end, last)
                                  : PyObject_CallOneArg(marker, packet);
    if (intake->mark == NULL) {
        PyErr_Clear();
        return false;
    }
    long long before;
    if (!truth(&mark_keyframe, intake->mark, &keyframe) || (keyframe && !intake->sound) ||
        !number(&mark_temporal_id, intake->mark, &intake->temporal_id) ||
        !number(&mark_picture_id, intake->mark, &intake->picture_id) ||
        !truth(&mark_picture_id_long, intake->mark, &wide) ||
        !number(&stream__picture_id, intake->stream, &before)) {
        return false;
    }
    if (intake->picture_id >= 0) {
        /* As ReceiveStream.extended_picture_id; its first one is Python's. */
        long long half = wide ? 0x4000 : 0x40, mask = 2 * half - 1;
        if (before < 0) {
            return false;
        }
        intake->picture_id = before + ((intake->picture_id - before + half) & mask) - half;
        if (intake->picture_id < 0) {
            return false;
        }
    }
    return true;
}

/* The packet is the one that comes next: nothing was lost, nothing is late. */
static bool read_order(Intake *intake) {
    long long wire, highest, last, base, rate, timestamp;
    PyObject *stream = intake->stream, *transit = look(&stream__transit, stream);
    intake->losses = look(&stream_losses, stream);
    intake->unwrapper = look(&stream__unwrapper, stream);
    if (!number(&stream__base, stream, &base) || base < 0 ||
        !number(&losses_highest, intake->losses, &highest) ||
        !number(&losses_received, intake->losses, &intake->received) ||
        !number(&unwrapper__last, intake->unwrapper, &last) || last != highest ||
        !number(&packet_sequence_number, intake->packet, &wire) ||
        !number(&packet_timestamp, intake->packet, &timestamp) ||
        !number(&stream_clock_rate, stream, &rate) ||
        !real(&stream__jitter, stream, &intake->jitter) || transit == NULL) {
        return false;
    }
    intake->sequence = highest + 1;
    /* RFC 3550 A.8, in timestamp units. */
    double whole_turn = 4294967296.0;
    intake->transit = fmod(intake->at * (double)rate - (double)timestamp, whole_turn);
    intake->transit += intake->transit < 0 ? whole_turn : 0;
    if (transit != Py_None) {
        if (!PyFloat_CheckExact(transit)) {
            return false;
        }
        double difference = fabs(intake->transit - PyFloat_AS_DOUBLE(transit));
        if (difference < whole_turn / 2) {
            intake->jitter += (difference - intake->jitter) / 16;
        }
    }
    return wire == (intake->sequence & 0xFFFF);
}

static bool is_list(PyObject *list, long long index) {
    return list != NULL && PyList_CheckExact(list) && index < PyList_GET_SIZE(list);
}

/* Where the packet is kept, and what counts it. */
static bool read_places(Intake *intake) {
    PyObject *layers = look(&stream_layers, intake->stream);
    PyObject *keyframes = look(&stream_keyframes, intake->stream);
    bool wanted, satisfied;
    long long mask;
    intake->cache = look(&stream_cache, intake->stream);
    intake->sequences = look(&cache__sequences, intake->cache);
    intake->arrived = look(&cache__arrivals, intake->cache);
    intake->packets = look(&cache__packets, intake->cache);
    if (!is_list(layers, 0) || !number(&cache__mask, intake->cache, &mask) || mask < 0) {
        return false;
    }
    intake->index = intake->sequence & mask;
    intake->layer = PyList_GET_ITEM(layers, 0);
    intake->bytes_list = look(&layer__bytes, intake->layer);
    intake->temporal_id &= MAX_TEMPORAL - 1;
    return look(&layer_stream, intake->layer) == intake->stream &&
           is_list(intake->bytes_list, intake->temporal_id) &&
           whole(PyList_GET_ITEM(intake->bytes_list, intake->temporal_id),
                 &intake->layer_bytes) &&
           is_list(intake->sequences, intake->index) && is_list(intake->arrived, intake->index) &&
           is_list(intake->packets, intake->index) &&
           (!intake->sound || (truth(&keyframes_wanted, keyframes, &wanted) && !wanted &&
                               truth(&keyframes__satisfied, keyframes, &satisfied) && satisfied));
}

static bool read_route(Intake *intake, PyObject *publisher) {
    PyObject *routes = look(&publisher__routes, publisher);
    PyObject *ssrc = look(&packet_ssrc, intake->packet);
    if (routes == NULL || !PyDict_CheckExact(routes) || ssrc == NULL || !PyLong_CheckExact(ssrc)) {
        return false;
    }
    intake->route = PyDict_GetItemWithError(routes, ssrc);
    intake->track = look(&route_track, intake->route);
    intake->stream = look(&route_stream, intake->route);
    intake->traffic = look(&track__traffic, intake->track);
    return intake->stream != NULL && intake->stream != Py_None &&
           look(&route_primary, intake->route) == Py_None &&
           number(&track_packets, intake->track, &intake->counted) &&
           number(&traffic_packets_in, intake->traffic, &intake->packets_in) &&
           number(&traffic_bytes_in, intake->traffic, &intake->bytes_in);
}

/* Finds out all there is to know; false, with nothing changed, for what is for Python. */
static bool read_all(Intake *intake, PyObject *publisher) {
    long long transport_cc, audio_level, dependency;
    bool muted;
    intake->recorder = look(&publisher__arrivals, publisher);
    intake->level = look(&publisher__level, publisher);
    if (intake->data == NULL || !PyBytes_CheckExact(intake->data) || intake->recorder == NULL ||
        intake->level == NULL || !read_route(intake, publisher) ||
        !number(&publisher__transport_cc_id, publisher, &transport_cc) ||
        !number(&publisher__audio_level_id, publisher, &audio_level) ||
        !number(&track__dependency_id, intake->track, &dependency) ||
        !truth(&track_muted, intake->track, &muted)) {
        return false;
    }
    intake->sound = is(look(&track_kind, intake->track), "audio");
    bool heard = !muted && is(look(&track_source, intake->track), "microphone");
    PyObject *markers = look(&track__markers, intake->track);
    PyObject *type = look(&packet_payload_type, intake->packet);
    if (markers == NULL || !PyDict_CheckExact(markers) || type == NULL ||
        !PyLong_CheckExact(type)) {
        return false;
    }
    PyObject *marker = PyDict_GetItemWithError(markers, type);
    return marker != NULL &&
           read_elements(intake, transport_cc ? transport_cc : -1,
                         heard && audio_level ? audio_level : -1, dependency ? dependency : -1) &&
           read_arrival(intake) && (!intake->sound || read_allowance(intake)) &&
           read_order(intake) && read_mark(intake, marker) && read_places(intake);
}

static bool set_item(PyObject *list, long long index, PyObject *value) {
    return value != NULL && PyList_SetItem(list, (Py_ssize_t)index, value) == 0;
}

static bool write_arrival(const Intake *intake) {
    PyObject *recorder = intake->recorder;
    bool done = put(&unwrapper__last, look(&recorder__unwrapper, recorder), intake->newest_pending);
    if (done && intake->records) {
        PyObject *number = PyLong_FromLongLong(intake->pending);
        done = number != NULL && PyDict_SetDefault(look(&recorder__arrivals, recorder), number,
                                                   intake->now) != NULL;
        Py_XDECREF(number);
        done = done && put_object(&recorder_media_ssrc, recorder,
                                  look(&packet_ssrc, intake->packet));
    }
    return done;
}

/* Writes it all down; false with an exception set. */
static bool write_all(const Intake *intake) {
    PyObject *stream = intake->stream, *track = intake->track, *mark = intake->mark;
    bool done = put(&traffic_packets_in, intake->traffic, intake->packets_in + 1) &&
                put(&traffic_bytes_in, intake->traffic,
                    intake->bytes_in + PyBytes_GET_SIZE(intake->data)) &&
                put_object(&packet_mark, intake->packet, mark) &&
                put(&unwrapper__last, intake->unwrapper, intake->sequence) &&
                put(&losses_highest, intake->losses, intake->sequence) &&
                put(&losses_received, intake->losses, intake->received + 1) &&
                put_object(&losses__heard_at, intake->losses, intake->now) &&
                put_real(&stream__transit, stream, intake->transit) &&
                put_real(&stream__jitter, stream, intake->jitter) &&
                put(&track_packets, track, intake->counted + 1) &&
                put_object(&layer_heard_at, intake->layer, intake->now) &&
                set_item(intake->bytes_list, intake->temporal_id,
                         PyLong_FromLongLong(intake->layer_bytes + intake->size)) &&
                set_item(intake->sequences, intake->index,
                         PyLong_FromLongLong(intake->sequence)) &&
                set_item(intake->arrived, intake->index, Py_NewRef(intake->now)) &&
                set_item(intake->packets, intake->index, Py_NewRef(intake->packet));
    if (intake->elements.transport_cc_size == 2) {
        done = done && write_arrival(intake);
    }
    if (intake->sound) {
        done = done && put_real(&track__sound_left, track, intake->sound_left) &&
               put_object(&track__sound_at, track, intake->now);
    }
    if (intake->picture_id >= 0) {
        long long before;
        done = done && put(&mark_picture_id, mark, intake->picture_id) &&
               number(&stream__picture_id, stream, &before) &&
               (intake->picture_id <= before ||
                put(&stream__picture_id, stream, intake->picture_id));
    }
    return done;
}

PyObject *take(PyObject *module, PyObject *const *arguments, Py_ssize_t count) {
    (void)module;
    if (count != 3 || !PyFloat_CheckExact(arguments[2])) {
        PyErr_SetString(PyExc_TypeError, "take takes a publisher, a packet and the time");
        return NULL;
    }
    Intake intake = {.packet = arguments[1],
                     .now = arguments[2],
                     .at = PyFloat_AS_DOUBLE(arguments[2]),
                     .data = look(&packet_data, arguments[1])};
    PyObject *route = Py_None;
    bool failed = false;
    if (read_all(&intake, arguments[0])) {
        /* What is kept in it may be the last that holds what is borrowed. */
        route = intake.route;
        Py_INCREF(route);
        PyObject *level = Py_NewRef(intake.level);
        failed = !write_all(&intake);
        if (!failed && intake.elements.audio_level != NULL) {
            PyObject *told = PyObject_CallFunction(level, "i", intake.elements.audio_level[0] & 0x7F);
            failed = told == NULL;
            Py_XDECREF(told);
        }
        Py_DECREF(level);
    } else {
        failed = PyErr_Occurred() != NULL;
        Py_INCREF(route);
    }
    Py_XDECREF(intake.mark);
    if (failed) {
        Py_CLEAR(route);
    }
    return route;
}
