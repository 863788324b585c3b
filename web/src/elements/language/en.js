/**
 * The English texts, by `area.name`; every other catalogue has the same keys and the same
 * `{places}`. A text that depends on a number has a form for each case of it.
 */
export const en = /** @type {const} */ ({
  'language.name': 'English',

  // The start page
  'start.language': 'Language',
  'start.lead': 'Talk face to face in the browser. Start a call and share its link.',
  'start.new': 'New call',
  'start.link': 'Link of a call',
  'start.paste': 'Paste the link of a call',
  'start.open': 'Open',
  'start.no-link': 'This is not the link of a call. It looks like https://…/r/… — copy all of it.',
  'start.unanswered': 'The server does not answer. Check your connection and try again.',

  // Before the call
  'prejoin.title': 'Ready to join?',
  'prejoin.lead': 'Nobody sees or hears you yet.',
  'prejoin.camera-off': 'Your camera is off',
  'prejoin.name': 'Your name',
  'prejoin.name-hint': 'How others see you',
  'prejoin.try-devices': 'Try again',
  'prejoin.join': 'Join',

  // In the call
  'call.title': 'Call',
  'call.people': 'People',
  'call.controls': 'Call controls',
  'call.alone': 'You are the only one here. Send somebody the link.',
  'call.invite': 'Copy link',
  'call.invited': 'Copied',
  'call.copy-link': 'Copy the link of this call',
  'call.link-copied': 'The link is copied',
  'call.copy-by-hand': 'Copy this link to invite others: {link}',
  'call.mute': 'Mute microphone',
  'call.camera-off': 'Turn off camera',
  'call.microphone-is-off': 'Microphone off.',
  'call.microphone-is-on': 'Microphone on.',
  'call.share': 'Share your screen',
  'call.stop-sharing': 'Stop sharing',
  'call.sharing': 'You share your screen.',
  'call.sharing-ended': 'You share your screen no more.',
  'call.speaker-view': 'Speaker view',
  'call.grid-view': 'Grid view',
  'page.previous': 'Previous people: this is page {page} of {pages}',
  'page.next': 'Next people: this is page {page} of {pages}',
  'call.more': 'More',
  'call.help': 'Keys and help',
  'call.leave': 'Leave the call',
  'call.reconnecting': 'Connection lost. Reconnecting…',
  'call.rejoin': 'Rejoin now',
  'call.sound-blocked': 'The browser waits for a click before it plays sound.',
  'call.sound-on': 'Turn on sound',
  'call.close': 'Close',

  // On a tile
  'tile.self': '{name} (you)',
  'tile.screen': "{name}'s screen",
  'tile.microphone-off': 'microphone off',
  'tile.pin': 'Pin {label}',

  // Why a picture or a sound is not as it should be
  'quality.paused': 'Paused to keep the sound going',
  'quality.picture': 'The picture is reduced',
  'quality.sound': 'The sound may break up',
  'quality.uplink': "{name}'s connection is weak",
  'quality.downlink.picture': 'Your connection is weak: the picture is reduced',
  'quality.downlink.sound': 'Your connection is weak: the sound may break up',
  'quality.server.picture': 'The server is busy: the picture is reduced',
  'quality.server.sound': 'The server is busy: the sound may break up',
  'quality.own.picture': 'Your connection is weak: others may see you badly',
  'quality.own.sound': 'Your connection is weak: others may hear you badly',
  'quality.own-server.picture': 'The server is busy: others may see you badly',
  'quality.own-server.sound': 'The server is busy: others may hear you badly',

  // People; {names} are of up to three, and how many others there are
  'people.guest': 'Guest',
  'people.others': { one: '{count} other', other: '{count} others' },
  'people.here': { one: '{names} is here.', other: '{names} are here.' },
  'people.joined': { one: '{names} joined.', other: '{names} joined.' },
  'people.left': { one: '{names} left.', other: '{names} left.' },
  'people.shares': '{name} shares a screen.',
  'people.shares-no-more': '{name} shares the screen no more.',

  // Reactions and hands

  // Chat and files
  'chat.title': 'Chat',
  'chat.button-new': { one: 'Chat, {count} new message', other: 'Chat, {count} new messages' },
  'chat.messages': 'Messages',
  'chat.empty': 'Nobody has written anything yet.',
  'chat.latest': 'New messages',
  'chat.to': 'To',
  'chat.everybody': 'Everybody',
  'chat.has-left': '{name} (has left)',
  'chat.message': 'Message',
  'chat.hint': 'Write to everybody',
  'chat.hint-private': 'Write only to {name}',
  'chat.send': 'Send',
  'chat.you': 'You',
  'chat.only-for': 'Only for {name}',
  'chat.only-for-you': 'Only for you',
  'chat.only-for-one': 'Only for one person',
  'chat.not-sent-yet': 'Not sent yet',
  'chat.left': { one: '{count} character left', other: '{count} characters left' },
  'chat.over': { one: '{count} character too many', other: '{count} characters too many' },
  'chat.connecting': 'The chat is being connected …',
  'chat.unavailable': 'The chat does not work in this call.',
  'chat.recipient-left': '{name} has left. Choose whom you write to.',
  'chat.said': '{name}: {text}',
  'chat.said-to-you': '{name}, only for you: {text}',
  'chat.news': { one: '{count} new message from {names}.', other: '{count} new messages from {names}.' },
  'chat.earlier': {
    one: '{count} message was written before you came.',
    other: '{count} messages were written before you came.',
  },
  'chat.attach': 'Send files',
  'chat.drop': 'Drop files here to send them to everybody',
  'chat.drop-private': 'Drop files here to send them only to {name}',
  'chat.uploads': 'Files on their way',
  'chat.sent-file': 'Sent a file: {file}',
  'chat.download': 'Download',
  'chat.download-file': 'Download {file}',
  'chat.downloading-file': 'Downloading {file}',
  'chat.sending-file': 'Sending {file}',
  'chat.cancel-file': 'Cancel {file}',
  'chat.dismiss-file': 'Close the message about {file}',
  'chat.file-waits': 'Waiting …',
  'chat.file-progress': '{done} of {size}',
  'chat.file-here': '{file} has been downloaded.',
  'chat.file-there': '{file} has been sent.',
  'chat.file-gone': 'Not available any more',
  'chat.file-too-large': 'Too large: a file may have {limit} at most.',
  'chat.too-long': {
    one: 'A message may have {count} character at most.',
    other: 'A message may have {count} characters at most.',
  },

  // Why a message was not taken; the last word is a code
  'chat-problem.too-fast': 'That was too fast. Wait a second, then try again.',
  'chat-problem.too-many-waiting': 'Too many messages are waiting already. Try again when the connection is back.',
  'chat-problem.no-such-participant': 'Your message was not sent: that person has left.',
  'chat-problem.unknown': 'Your message was not sent. Please try again.',

  // Why a file did not get through; the last word is a code
  'file-problem.too-fast': 'Too many files at once. Wait a second, then try again.',
  'file-problem.too-many-files': 'There is no room for it just now. Try again later.',
  'file-problem.too-many-waiting': 'Too many files are waiting already. Try again later.',
  'file-problem.no-such-participant': 'Not sent: that person has left.',
  'file-problem.no-such-file': 'Not available any more.',
  'file-problem.wrong-size': 'It did not arrive whole. Please try again.',
  'file-problem.unreadable': 'The browser cannot read this file. Folders cannot be sent.',
  'file-problem.unknown': 'It did not get through. Please try again.',

  // Devices; {devices} are one or both of the first two
  'device.microphone': 'your microphone',
  'device.camera': 'your camera',
  'device.insecure':
    'Browsers give cameras and microphones only to pages with https. Open this page with https:// (or on this machine as localhost); until then you can join to watch and listen.',
  'device.blocked':
    'Access to {devices} is blocked: this page may not use it. Allow it with the icon in the address bar, then try again, or join without.',
  'device.blocked-by-system':
    "Your system keeps {devices} from the browser. Allow it in the system's privacy settings, then try again, or join without.",
  'device.none':
    'The browser looked for {devices}. None was found: plug one in and try again, or join without.',
  'device.busy': 'Another program is using {devices}. Close it and try again, or join without.',
  'device.unfit':
    'This page asks for more than {devices} can do. Try another one, or join without.',
  'device.problem': 'The browser could not start {devices}. Try again, or join without.',
  'device.microphone-lost':
    'Your microphone is gone: it was unplugged or taken away. Turn it on again when it is back.',
  'device.camera-lost':
    'Your camera is gone: it was unplugged or taken away. Turn it on again when it is back.',

  // Why no screen is shared
  'sharing.refused':
    'Nothing is shared: you cancelled, or this page may not show your screen. Share again to choose another one.',
  'sharing.blocked-by-system':
    "Your system keeps the screen from the browser. Allow it in the system's privacy settings, then share again.",
  'sharing.problem':
    'The screen could not be captured, and nothing is shared. Try again, or share a window instead.',

  // Figures of the connection
  'statistics.title': 'Connection',
  'statistics.details': 'Connection details',
  'statistics.copy': 'Copy details',
  'statistics.copied': 'The details are copied',
  'statistics.your.microphone': 'Your microphone',
  'statistics.your.camera': 'Your camera',
  'statistics.your.screen': 'Your screen',
  'statistics.your.screen-audio': 'Your screen sound',
  'statistics.of.microphone': "{name}'s microphone",
  'statistics.of.camera': "{name}'s camera",
  'statistics.of.screen': "{name}'s screen",
  'statistics.of.screen-audio': "{name}'s screen sound",
  'statistics.connection': 'Round trip {time}, upload {rate}',
  'statistics.unknown': '–',
  'statistics.kilobits': '{value} kbit/s',
  'statistics.megabits': '{value} Mbit/s',
  'statistics.percent': '{value} %',
  'statistics.milliseconds': '{value} ms',
  'statistics.size': '{width} × {height}',
  'statistics.frames': '{value} frames/s',
  'statistics.loss': 'loss {share}',
  'statistics.jitter': 'jitter {time}',
  'statistics.round-trip': 'round trip {time}',

  // The keys of a call
  'help.title': 'Keys',
  'help.use': 'Use these keys',
  'help.close': 'Close',
  'help.space': 'Space',
  'help.hold-to-talk': 'Hold to talk while your microphone is off',
  'keys.microphone': 'Microphone off or on',
  'keys.camera': 'Camera off or on',
  'keys.share': 'Share your screen, or stop',
  'keys.pin': 'Pin the person in focus, or let go',
  'keys.view': 'Grid, or one person large',
  'keys.fullscreen': 'Full screen, or back',
  'keys.chat': 'Open or close the chat',
  'keys.help': 'This help',

  // Why a call is over, and the way on; the middle is a code of the server or of the sdk
  'notice.again': 'Try again',
  'notice.join-again': 'Join again',
  'notice.new-call': 'New call',
  'notice.home': 'Start page',
  'notice.room-full.title': 'This room is full',
  'notice.room-full.text':
    'Everybody who fits is already in. Wait until somebody leaves, then try again.',
  'notice.room-not-found.title': 'This call does not exist',
  'notice.room-not-found.text':
    'The link is not complete, or the call is over for good. Ask for a new link, or start a call of your own.',
  'notice.server-full.title': 'The server is full',
  'notice.server-full.text':
    'It carries as many people as it can. Please try again in a few minutes.',
  'notice.server-stopping.title': 'The server restarts',
  'notice.server-stopping.text': 'It will be back in a moment. Then you can join again.',
  'notice.removed.title': 'You were removed from the call',
  'notice.removed.text': 'A host has sent you out. Ask before you join again.',
  'notice.ended.title': 'The call is over',
  'notice.ended.text': 'A host has ended it for everybody.',
  'notice.room-locked.title': 'This room is locked',
  'notice.room-locked.text': 'Nobody else can join for now. Ask somebody inside to open it, then try again.',
  'notice.bad-token.title': 'This invitation is not valid',
  'notice.bad-token.text': 'It is for another call, or it has run out. Ask for a new one.',
  'notice.internal-error.title': 'Something broke on the server',
  'notice.internal-error.text': 'It was not your fault, and the server has taken a note. Please join again.',
  'notice.unreachable.title': 'The server does not answer',
  'notice.unreachable.text': 'Check your connection to the internet, then try again.',
  'notice.no-media.title': 'Sound and pictures do not get through',
  'notice.no-media.text':
    'This page works, but the network between you and the server blocks the call itself: firewalls of companies and hotels often do. Try another network, such as that of your phone.',
  'notice.left.title': 'You left the call',
  'notice.left.text': 'You can join again with the same link.',
  'notice.unknown.title': 'The call ended',
  'notice.unknown.text': 'Something went wrong on the way to the server.',
});
