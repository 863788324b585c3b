// Generated from sfu/signaling/messages.py by `make types`: do not edit.

/** The first message: enter a room under a display name. */
export interface Join {
  type: "join";
  room: string;
  name?: string;
}

/** The client's session description; ``tracks`` names every source it sends. */
export interface Offer {
  type: "offer";
  sdp: string;
  tracks: OfferedTrack[];
}

/** Says which source the client sends in the m-line ``mid`` of its offer. */
export interface OfferedTrack {
  mid: string;
  source: Source;
  muted?: boolean;
}

/** What a published track shows or sounds like. */
export type Source = "camera" | "microphone" | "screen" | "screen-audio";

/** What the client shows of the others' videos, all of it; replaces the one before. */
export interface Subscribe {
  type: "subscribe";
  tracks: Wish[];
}

/** How the client shows the video track ``id``. */
export interface Wish {
  id: string;
  height: number;
  priority?: number;
  pinned?: boolean;
}

/** The client stopped (or resumed) sending what it captures from ``source``. */
export interface Mute {
  type: "mute";
  source: Source;
  muted: boolean;
}

/** A trickled ICE candidate: accepted and ignored, an ICE-lite server needs none. */
export interface Candidate {
  type: "candidate";
  candidate?: string;
}

/** The client leaves; the server answers ``closed`` with code ``left``. */
export interface Leave {
  type: "leave";
}

/** The answer to ``join``: who is here, and how many slots the first offer should have. */
export interface Joined {
  type: "joined";
  you: string;
  room: string;
  capacity: number;
  participants: Participant[];
  slots: number;
  iceServers: IceServer[];
}

/** One joined client as the others see it. */
export interface Participant {
  id: string;
  name: string;
  tracks: Track[];
}

/** One published source of a participant. */
export interface Track {
  id: string;
  kind: Kind;
  source: Source;
  muted: boolean;
}

/** The kind of media of a track. */
export type Kind = "audio" | "video";

/** A TURN or STUN server in the shape ``RTCPeerConnection`` takes. */
export interface IceServer {
  urls: string[];
  username?: string;
  credential?: string;
}

/** The server's session description for the client's latest offer. */
export interface Answer {
  type: "answer";
  sdp: string;
}

/** The client should add slots until it has ``count`` of them in total, and offer again. */
export interface NeedSlots {
  type: "need-slots";
  count: number;
}

/** The whole mapping of slots to participants, sent whenever it changes. */
export interface Slots {
  type: "slots";
  slots: Slot[];
}

/** Who is in a slot: ``audio`` and ``video`` are its m-lines, ``participant`` may be nobody. */
export interface Slot {
  slot: number;
  audio: string;
  video: string;
  participant: string | null;
  source: Source;
}

/** Somebody entered the room. */
export interface ParticipantJoined {
  type: "participant-joined";
  participant: Participant;
}

/** Somebody left the room; ``reason`` is ``left``, ``disconnected`` or ``media-lost``. */
export interface ParticipantLeft {
  type: "participant-left";
  participant: string;
  reason: string;
}

/** A participant began to send a source. */
export interface TrackPublished {
  type: "track-published";
  participant: string;
  track: Track;
}

/** A participant muted or unmuted a source. */
export interface TrackUpdated {
  type: "track-updated";
  participant: string;
  track: Track;
}

/** A participant stopped sending a source. */
export interface TrackUnpublished {
  type: "track-unpublished";
  participant: string;
  track: string;
}

/** Everybody who speaks now, loudest first; empty when all are silent. */
export interface Speakers {
  type: "speakers";
  speakers: Speaker[];
}

/** Somebody who speaks; ``level`` is 0 (silence) to 1 (loudest). */
export interface Speaker {
  participant: string;
  level: number;
}

/** Which encodings of ``source`` anybody watches, by ``rid``: the client pauses the others. */
export interface Layers {
  type: "layers";
  source: Source;
  wanted: string[];
}

/** The tracks whose quality changed. The client's own are about its way to the server. */
export interface Quality {
  type: "quality";
  tracks: TrackQuality[];
}

/** How well one track gets through, from 5 (as wanted) to 1 (bad); 0 when it is paused. */
export interface TrackQuality {
  participant: string;
  source: Source;
  score: number;
  reason: string;
  paused: boolean;
  height: number;
}

/** Something the client said was refused; after a ``fatal`` one the server hangs up. */
export interface Error {
  type: "error";
  code: string;
  message: string;
  fatal: boolean;
}

/** The last message of a session; ``code`` says why the server hangs up. */
export interface Closed {
  type: "closed";
  code: string;
  message: string;
}

export type ClientMessage =
  | Join
  | Offer
  | Subscribe
  | Mute
  | Candidate
  | Leave;

export type ServerMessage =
  | Joined
  | Answer
  | NeedSlots
  | Slots
  | ParticipantJoined
  | ParticipantLeft
  | TrackPublished
  | TrackUpdated
  | TrackUnpublished
  | Speakers
  | Layers
  | Quality
  | Error
  | Closed;
