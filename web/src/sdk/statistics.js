/** What the browser measured of each track, as figures per second. Costs nothing until asked. */

/** @typedef {import('./messages.d.ts').Source} Source */
/** @typedef {import('./slots.js').Picture} Picture */
/** @typedef {import('./peer.js').Peer} Peer */
/** @typedef {Record<string, any>} Report of getStats() */

/**
 * @typedef {object} Figures of one track; null: not known (yet)
 * @property {string} key tells it from the others
 * @property {string | null} participant who sends it; null: we do
 * @property {Source} source
 * @property {string} codec such as `VP8`; empty when not known
 * @property {number | null} bitrate in bits per second, all encodings together
 * @property {number | null} loss share of packets that were lost, 0 to 1
 * @property {number | null} jitter in seconds
 * @property {number | null} roundTrip in seconds; only of what we send
 * @property {number | null} width of the picture in pixels
 * @property {number | null} height
 * @property {number | null} frames per second
 */

/**
 * @typedef {object} Measurement
 * @property {number | null} roundTrip to the server and back, in seconds
 * @property {number | null} available bits per second that the way to the server carries
 * @property {Figures[]} tracks ours first
 */

/** Counters of one stream at one time. @typedef {{time: number, bytes: number, packets: number, lost: number}} Count */

export class Statistics {
  /** @type {Map<string, Count>} by report id, of the last measurement */
  #before = new Map();

  /**
   * Measure; rates are those since the call before.
   * @param {Pick<Peer, 'connection' | 'tracks'>} peer
   * @param {readonly Picture[]} pictures
   * @returns {Promise<Measurement>}
   */
  async measure(peer, pictures) {
    /** @type {Map<string, Report>} */
    const reports = new Map();
    (await peer.connection.getStats()).forEach((/** @type {Report} */ report) => {
      reports.set(report.id, report);
    });
    const measurement = this.#read(reports, peer.tracks(), pictures);
    this.#remember(reports);
    return measurement;
  }

  /**
   * @param {Map<string, Report>} reports
   * @param {readonly {mid: string, source: Source}[]} sent
   * @param {readonly Picture[]} pictures
   * @returns {Measurement}
   */
  #read(reports, sent, pictures) {
    const all = [...reports.values()];
    const outgoing = sent.flatMap(({ mid, source }) => {
      const mine = all.filter((each) => each.type === 'outbound-rtp' && each.mid === mid);
      return mine.length ? [this.#outgoing(source, mine, reports)] : [];
    });
    const incoming = pictures.flatMap((picture) =>
      picture.stream.getTracks().flatMap((track) => {
        const report = all.find(
          (each) => each.type === 'inbound-rtp' && each.trackIdentifier === track.id,
        );
        return report?.packetsReceived ? [this.#incoming(picture, report, reports)] : [];
      }),
    );
    const pair = selectedPair(all, reports);
    return {
      roundTrip: pair?.currentRoundTripTime ?? null,
      available: pair?.availableOutgoingBitrate ?? null,
      tracks: [...outgoing, ...incoming],
    };
  }

  /**
   * @param {Source} source
   * @param {Report[]} encodings
   * @param {Map<string, Report>} reports
   * @returns {Figures}
   */
  #outgoing(source, encodings, reports) {
    const running = encodings.filter((each) => this.#bitrate(each));
    const best = most(running, (each) => each.frameHeight ?? 0) ?? encodings[0];
    const seen = [...reports.values()].filter(
      (each) =>
        each.type === 'remote-inbound-rtp' && encodings.some(({ ssrc }) => ssrc === each.ssrc),
    );
    const worst = (/** @type {string} */ name) =>
      most(seen, (each) => each[name] ?? -1)?.[name] ?? null;
    const rates = encodings.map((each) => this.#bitrate(each)).filter((rate) => rate !== null);
    return {
      key: `own ${source}`,
      participant: null,
      source,
      codec: codecOf(best, reports),
      bitrate: rates.length ? rates.reduce((sum, rate) => sum + rate, 0) : null,
      loss: worst('fractionLost'),
      jitter: worst('jitter'),
      roundTrip: worst('roundTripTime'),
      ...pictureOf(best),
    };
  }

  /**
   * @param {Picture} picture
   * @param {Report} report
   * @param {Map<string, Report>} reports
   * @returns {Figures}
   */
  #incoming({ participant, source }, report, reports) {
    const sound = source === 'screen' ? 'screen-audio' : 'microphone';
    const what = report.kind === 'audio' ? sound : source;
    const before = this.#before.get(report.id);
    const lost = before ? Math.max(0, (report.packetsLost ?? 0) - before.lost) : 0;
    const came = before ? Math.max(0, report.packetsReceived - before.packets) : 0;
    return {
      key: `${participant} ${what}`,
      participant,
      source: what,
      codec: codecOf(report, reports),
      bitrate: this.#bitrate(report),
      loss: lost + came > 0 ? lost / (lost + came) : null,
      jitter: report.jitter ?? null,
      roundTrip: null,
      ...pictureOf(report),
    };
  }

  /** @param {Report} report */
  #bitrate(report) {
    const before = this.#before.get(report.id);
    const seconds = before ? (report.timestamp - before.time) / 1000 : 0;
    if (!before || seconds <= 0) return null;
    return Math.max(0, (8 * (bytesOf(report) - before.bytes)) / seconds);
  }

  /** @param {Map<string, Report>} reports */
  #remember(reports) {
    this.#before = new Map();
    for (const report of reports.values()) {
      if (report.type !== 'inbound-rtp' && report.type !== 'outbound-rtp') continue;
      this.#before.set(report.id, {
        time: report.timestamp,
        bytes: bytesOf(report),
        packets: report.packetsReceived ?? 0,
        lost: report.packetsLost ?? 0,
      });
    }
  }
}

/** @param {Report} report */
function bytesOf(report) {
  return report.bytesReceived ?? report.bytesSent ?? 0;
}

/** @param {Report | undefined} report */
function pictureOf(report) {
  const { frameWidth: width = null, frameHeight: height = null, framesPerSecond } = report ?? {};
  return { width, height, frames: framesPerSecond ?? null };
}

/**
 * @param {Report | undefined} report
 * @param {Map<string, Report>} reports
 */
function codecOf(report, reports) {
  const type = String(reports.get(report?.codecId)?.mimeType ?? '');
  return type.slice(type.indexOf('/') + 1);
}

/**
 * The pair of addresses in use: not every browser names it in the report of the transport.
 * @param {Report[]} all
 * @param {Map<string, Report>} reports
 */
function selectedPair(all, reports) {
  const transport = all.find((each) => each.type === 'transport');
  return (
    reports.get(transport?.selectedCandidatePairId) ??
    all.find((each) => each.type === 'candidate-pair' && (each.selected || each.nominated))
  );
}

/**
 * @param {Report[]} some
 * @param {(report: Report) => number} value
 * @returns {Report | undefined}
 */
function most(some, value) {
  return some.reduce(
    (/** @type {Report | undefined} */ best, each) =>
      best && value(best) >= value(each) ? best : each,
    undefined,
  );
}
