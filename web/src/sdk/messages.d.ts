// Generated from sfu/signaling/*_messages.py by `make types`: do not edit.

/** The first message: enter a room under a display name. */
export interface Join {
  type: "join";
  room: string;
  name?: string;
  token?: string;
  resume?: string;
  media?: boolean;
}

/** Show a new token: what it allows, and nothing else, is allowed from now on. */
export interface Refresh {
  type: "refresh";
  token: string;
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

/** Raise one's hand, or take it down. */
export interface Hand {
  type: "hand";
  raised: boolean;
}

/** Show everybody a reaction for a moment. */
export interface React {
  type: "react";
  reaction: Reaction;
}

/** What somebody shows for a moment; the client draws it, and says it in its language. */
export type Reaction = "clap" | "heart" | "laugh" | "party" | "thumbs-up" | "wow";

/** A host switches off what somebody sends; only they can switch it on again. */
export interface MuteOther {
  type: "mute-other";
  participant: string;
  source: Source;
}

/** A host sends somebody out of the room. */
export interface Remove {
  type: "remove";
  participant: string;
}

/** A host lets nobody else in, or everybody again. */
export interface Lock {
  type: "lock";
  locked: boolean;
}

/** A host has who comes wait to be let in, or not; switched off, all who wait come in. */
export interface Lobby {
  type: "lobby";
  on: boolean;
}

/** A host lets these of those who wait in, by the ids of ``knocks``. */
export interface Admit {
  type: "admit";
  ids: string[];
}

/** A host sends these of those who wait away. */
export interface Deny {
  type: "deny";
  ids: string[];
}

/** A host ends the call for everybody. */
export interface End {
  type: "end";
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
  role: Role;
  hand: number;
  name: string;
  may: May;
  locked: boolean;
  lobby: boolean;
  silenced: Silenced[];
  resume: string;
  resumed: boolean;
  slots: number;
  iceServers: IceServer[];
}

/** One joined client as the others see it. */
export interface Participant {
  id: string;
  name: string;
  tracks: Track[];
  role: Role;
  hand: number;
  away: boolean;
  identity?: string;
  metadata?: string;
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

/** A host may mute and remove others, lock the room and end the call; a viewer only watches. */
export type Role = "host" | "member" | "viewer";

/** What the client may do: which sources it may publish, whether it may see and hear the others, and whether it may write and send files. */
export interface May {
  publish: Source[];
  subscribe: boolean;
  data: boolean;
}

/** A source that the host ``by`` switched off. */
export interface Silenced {
  source: Source;
  by: string;
}

/** A TURN or STUN server in the shape ``RTCPeerConnection`` takes. */
export interface IceServer {
  urls: string[];
  username?: string;
  credential?: string;
}

/** What the client may do from now on; what it may not publish any more has ended here. */
export interface Permissions {
  type: "permissions";
  role: Role;
  may: May;
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

/** Somebody raised a hand, has another role, went away or came back; it may be you. */
export interface ParticipantUpdated {
  type: "participant-updated";
  participant: Participant;
}

/** A host locked or opened the room, or switched its lobby on or off. */
export interface RoomUpdated {
  type: "room-updated";
  locked: boolean;
  lobby: boolean;
}

/** The answer to ``join`` where one has to be let in: ``joined`` follows, or ``closed``. */
export interface Waiting {
  type: "waiting";
  hosted: boolean;
}

/** For hosts: everybody who waits, in the order of their coming, whenever that has changed. */
export interface Knocks {
  type: "knocks";
  waiting: Knock[];
}

/** Somebody who waits to be let in, by an id that is good for ``admit`` and ``deny`` only. */
export interface Knock {
  id: string;
  name: string;
}

/** Somebody shows a reaction; it may be you. */
export interface Reacted {
  type: "reacted";
  participant: string;
  reaction: Reaction;
}

/** The host ``by`` switched off your ``source``: send ``mute`` to switch it on again. */
export interface Muted {
  type: "muted";
  source: Source;
  by: string;
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
  retryAfter?: number;
}

/** Whatever the application that runs these calls tells its pages, by the server's HTTP API. */
export interface Data {
  type: "data";
  topic: string;
  data: string;
}

/** The server will end the call at ``deadline``, in seconds since 1970; null: not after all. */
export interface Draining {
  type: "draining";
  deadline: number | null;
}

/** How much the server has to do: from ``busy`` on pictures are smaller, from ``strained`` on few are sent, when ``full`` nobody new gets in. Sound is whole. Sent when it changes, and after ``joined`` unless it is ``normal``. */
export interface Load {
  type: "load";
  state: LoadState;
}

/** What follows is in ``sfu.media.restraint``; sound is whole in each of them. */
export type LoadState = "busy" | "full" | "normal" | "strained";

/** The last message of a session; ``code`` says why the server hangs up. */
export interface Closed {
  type: "closed";
  code: string;
  message: string;
}

/** A chat message for everybody, or for the participant ``to`` alone. */
export interface Say {
  type: "say";
  id: string;
  text: string;
  to?: string | null;
}

/** A file of ``size`` bytes is to be sent to everybody, or to ``to`` alone. */
export interface SendFile {
  type: "send-file";
  id: string;
  name: string;
  size: number;
  mime?: string;
  to?: string | null;
}

/** The client wants the content of the file with that number. */
export interface FetchFile {
  type: "fetch-file";
  number: number;
}

/** The client sends or fetches the file with that number no more. */
export interface CancelFile {
  type: "cancel-file";
  number: number;
}

/** A chat message; numbers rise by time, the same for everybody. */
export interface Said {
  type: "said";
  number: number;
  id: string;
  sender: string;
  name: string;
  to: string | null;
  text: string;
  at: number;
  file: File | null;
}

/** A file that came with a chat message, to be fetched by its number. */
export interface File {
  number: number;
  name: string;
  size: number;
  mime: string;
}

/** The first message on ``chat``: what was said before, and what the server takes. */
export interface History {
  type: "history";
  messages: Said[];
  maxText: number;
  maxFile: number;
}

/** The content of the file ``id`` may be sent, under ``number``; ``said`` follows at its end. */
export interface FileAccepted {
  type: "file-accepted";
  id: string;
  number: number;
}

/** The file cannot be fetched (any more), or its upload was given up; ``code`` says why. */
export interface FileGone {
  type: "file-gone";
  number: number;
  code: string;
  message: string;
}

/** What the client named ``id`` was not accepted. */
export interface DataRefused {
  type: "refused";
  id: string;
  code: string;
  message: string;
}

export type ClientMessage =
  | Join
  | Refresh
  | Offer
  | Subscribe
  | Mute
  | Hand
  | React
  | MuteOther
  | Remove
  | Lock
  | Lobby
  | Admit
  | Deny
  | End
  | Candidate
  | Leave;

export type ServerMessage =
  | Joined
  | Permissions
  | Answer
  | NeedSlots
  | Slots
  | ParticipantJoined
  | ParticipantLeft
  | ParticipantUpdated
  | RoomUpdated
  | Waiting
  | Knocks
  | Reacted
  | Muted
  | TrackPublished
  | TrackUpdated
  | TrackUnpublished
  | Speakers
  | Layers
  | Quality
  | Error
  | Data
  | Draining
  | Load
  | Closed;

export type DataClientMessage =
  | Say
  | SendFile
  | FetchFile
  | CancelFile;

export type DataServerMessage =
  | Said
  | History
  | FileAccepted
  | FileGone
  | DataRefused;
