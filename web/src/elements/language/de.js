/** The German texts; see `en.js` for what they are. */

/** @type {import('./texts.d.ts').Catalogue} */
export const de = {
  'language.name': 'Deutsch',

  // The start page
  'start.language': 'Sprache',
  'start.lead':
    'Sprechen Sie im Browser von Angesicht zu Angesicht. Starten Sie einen Anruf und verschicken Sie den Link.',
  'start.new': 'Neuer Anruf',
  'start.link': 'Link eines Anrufs',
  'start.paste': 'Link eines Anrufs einfügen',
  'start.open': 'Öffnen',
  'start.no-link':
    'Das ist kein Link zu einem Anruf. Er sieht so aus: https://…/r/… – bitte kopieren Sie ihn ganz.',
  'start.unanswered':
    'Der Server antwortet nicht. Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.',

  'start.refused': 'Der Server nimmt gerade keine neuen Anrufe an: Er ist voll oder startet gleich neu. Versuchen Sie es in einer Minute noch einmal.',
  'test.title': 'Verbindungstest',
  'test.home': 'Zur Startseite',
  'test.again': 'Noch einmal testen',
  'test.running': 'Wird getestet …',
  'test.verdict-good': 'Anrufe funktionieren von hier.',
  'test.verdict-detour': 'Anrufe funktionieren von hier, aber nicht so flüssig wie möglich: Der kürzeste Weg ist gesperrt.',
  'test.verdict-bad': 'Anrufe funktionieren von hier nicht.',
  'test.browser': 'Dieser Browser',
  'test.able': 'Er kann Anrufe führen.',
  'test.unable': 'Er kann keine Anrufe führen. Nehmen Sie Firefox, Chrome, Edge oder Safari in einer aktuellen Fassung.',
  'test.insecure': 'Er gibt Kamera und Mikrofon nur Seiten, die mit https:// beginnen.',
  'test.insecure-advice': 'Für den Betreiber: tls_certificate und tls_key setzen oder einen Proxy mit HTTPS davorstellen.',
  'test.signaling': 'Der Server',
  'test.no-signaling': 'Die Seite kam an, aber eine dauerhafte Verbindung (WebSocket) kam nicht zustande.',
  'test.signaling-advice': 'Für den Betreiber: Proxys dazwischen müssen die Kopfzeilen Upgrade und Connection durchlassen.',
  'test.udp': 'Ton und Bild, direkt (UDP)',
  'test.tcp': 'Ton und Bild, über TCP',
  'test.turn': 'Ton und Bild, über ein Relais (TURN)',
  'test.reached': 'Verbunden nach {milliseconds} ms.',
  'test.missed': 'Innerhalb von {seconds} Sekunden kam nichts zurück.',
  'test.udp-advice': 'Für den Betreiber: Jede Firewall muss UDP zu {addresses} durchlassen. Sind das von hier aus nicht seine Adressen, advertised_addresses setzen.',
  'test.tcp-advice': 'Für den Betreiber: Jede Firewall muss TCP zu {addresses} durchlassen.',
  'test.turn-advice': 'Für den Betreiber: Läuft der TURN-Server aus turn_urls, und hat er dasselbe turn_secret? sfu doctor probiert ihn aus.',
  'test.no-udp': 'Wird nicht angeboten.',
  'test.no-tcp': 'Dieser Server bietet das nicht an (tcp).',
  'test.no-turn': 'Dieser Server nennt kein Relais. Sehr strenge Netze brauchen eines (turn_urls).',
  'test.turn-hidden': 'Davon erfahren nur die Teilnehmer eines Anrufs; sfu doctor probiert ihn aus.',
  'recent.title': 'Letzte Anrufe',
  'recent.lead': 'Das merkt sich nur dieses Gerät.',
  'recent.with': 'Mit {names}',
  'recent.alone': 'Niemand sonst war da',
  'recent.when': '{day}, {time}',
  'recent.forget': 'Vergessen: {call}',

  // Before the call
  'prejoin.title': 'Bereit für den Anruf?',
  'prejoin.lead': 'Noch sieht und hört Sie niemand.',
  'prejoin.camera-off': 'Ihre Kamera ist aus',
  'prejoin.name': 'Ihr Name',
  'prejoin.name-hint': 'Diesen Namen sehen die anderen',
  'prejoin.try-devices': 'Noch einmal versuchen',
  'prejoin.open-page': 'Auf eigener Seite öffnen',
  'prejoin.join': 'Teilnehmen',

  // In the call
  'call.title': 'Anruf',
  'call.people': 'Personen',
  'call.controls': 'Bedienung des Anrufs',
  'call.alone': 'Außer Ihnen ist noch niemand hier. Schicken Sie jemandem den Link.',
  'call.invite': 'Link kopieren',
  'call.invited': 'Kopiert',
  'call.copy-link': 'Link dieses Anrufs kopieren',
  'call.link-copied': 'Der Link ist kopiert',
  'call.copy-by-hand': 'Laden Sie andere mit diesem Link ein: {link}',
  'call.mute': 'Mikrofon stummschalten',
  'call.camera-off': 'Kamera ausschalten',
  'call.microphone-is-off': 'Mikrofon aus.',
  'call.microphone-is-on': 'Mikrofon an.',
  'call.share': 'Bildschirm teilen',
  'call.stop-sharing': 'Nicht mehr teilen',
  'call.sharing': 'Sie teilen Ihren Bildschirm.',
  'call.sharing-ended': 'Sie teilen Ihren Bildschirm nicht mehr.',
  'call.speaker-view': 'Sprecheransicht',
  'call.grid-view': 'Kachelansicht',
  'page.previous': 'Vorherige Personen: Das ist Seite {page} von {pages}',
  'page.next': 'Weitere Personen: Das ist Seite {page} von {pages}',
  'call.more': 'Mehr',
  'call.help': 'Tasten und Hilfe',
  'call.leave': 'Anruf verlassen',
  'call.reconnecting': 'Die Verbindung ist abgerissen und wird neu aufgebaut …',
  'call.reconnected': 'Die Verbindung steht wieder.',
  'call.draining':
    'Der Server startet spätestens um {time} neu. Das Gespräch kommt danach von selbst zurück.',
  'call.server-busy': 'Der Server ist ausgelastet: Die Bilder sind vorübergehend kleiner.',
  'call.server-strained':
    'Der Server ist stark ausgelastet: Vorübergehend sind nur wenige Bilder zu sehen. Der Ton läuft wie gewohnt.',
  'call.rejoin': 'Jetzt verbinden',
  'call.sound-blocked': 'Der Browser wartet auf einen Klick, bevor er Ton abspielt.',
  'call.sound-on': 'Ton einschalten',
  'call.close': 'Schließen',

  // On a tile
  'tile.self': '{name} (Sie)',
  'tile.screen': 'Bildschirm von {name}',
  'tile.microphone-off': 'Mikrofon aus',
  'self.float': 'Mein Bild in einer Ecke schweben lassen',
  'self.return': 'Mein Bild zu den anderen stellen; Pfeiltasten bewegen es',
  'self.moved.top-left': 'Ihr Bild ist jetzt oben links.',
  'self.moved.top-right': 'Ihr Bild ist jetzt oben rechts.',
  'self.moved.bottom-left': 'Ihr Bild ist jetzt unten links.',
  'self.moved.bottom-right': 'Ihr Bild ist jetzt unten rechts.',
  'pip.open': 'Bild im Bild',
  'pip.close': 'Bild im Bild beenden',
  'tile.pin': '{label} anheften',

  // Why a picture or a sound is not as it should be
  'quality.left-out': 'In diesem Gespräch sind nur die wichtigsten Bilder zu sehen',
  'quality.paused': 'Angehalten, damit der Ton nicht abreißt',
  'quality.picture': 'Das Bild ist verkleinert',
  'quality.sound': 'Der Ton kann aussetzen',
  'quality.uplink': 'Die Verbindung von {name} ist schwach',
  'quality.away': '{name} hat die Verbindung verloren und kommt vielleicht zurück',
  'quality.downlink.picture': 'Ihre Verbindung ist schwach: Das Bild ist verkleinert',
  'quality.downlink.sound': 'Ihre Verbindung ist schwach: Der Ton kann aussetzen',
  'quality.server.paused': 'Der Server ist ausgelastet: Dieses Bild pausiert',
  'quality.server.picture': 'Der Server ist ausgelastet: Das Bild ist verkleinert',
  'quality.server.sound': 'Der Server ist ausgelastet: Der Ton kann aussetzen',
  'quality.own.picture': 'Ihre Verbindung ist schwach: Andere sehen Sie vielleicht schlecht',
  'quality.own.sound': 'Ihre Verbindung ist schwach: Andere hören Sie vielleicht schlecht',
  'quality.own-server.picture':
    'Der Server ist ausgelastet: Andere sehen Sie vielleicht schlecht',
  'quality.own-server.sound': 'Der Server ist ausgelastet: Andere hören Sie vielleicht schlecht',

  // People; {names} are of up to three, and how many others there are
  'people.guest': 'Gast',
  'people.others': { one: '{count} weitere Person', other: '{count} weitere Personen' },
  'people.here': { one: '{names} ist da.', other: '{names} sind da.' },
  'people.joined': { one: '{names} ist dazugekommen.', other: '{names} sind dazugekommen.' },
  'people.left': { one: '{names} ist gegangen.', other: '{names} sind gegangen.' },
  'people.shares': '{name} teilt den Bildschirm.',
  'people.shares-no-more': '{name} teilt den Bildschirm nicht mehr.',
  'people.title': 'Personen ({count})',
  'people.locked': 'Dieser Raum ist geschlossen: Niemand kann dazukommen.',
  'people.search': 'Personen suchen',
  'people.found': { one: '{count} Person gefunden', other: '{count} Personen gefunden' },
  'people.host': 'Leitung',
  'people.more': 'Mehr zu {name}',
  'people.microphone-on': 'Mikrofon an',
  'people.microphone-off': 'Mikrofon aus',
  'people.camera-on': 'Kamera an',
  'people.camera-off': 'Kamera aus',
  'people.screen-on': 'teilt den Bildschirm',
  'people.volume': 'Lautstärke',
  'people.volume-of': 'Lautstärke von {name}',
  'people.pin': 'Anheften',
  'people.unpin': 'Lösen',
  'people.write': 'Privat schreiben',
  'people.mute-microphone': 'Mikrofon ausschalten',
  'people.stop-camera': 'Kamera ausschalten',
  'people.stop-screen': 'Teilen beenden',
  'people.remove': 'Aus dem Anruf entfernen',
  'people.everybody': 'Für alle',
  'people.lock': 'Raum schließen',
  'people.unlock': 'Raum öffnen',
  'people.mute-all': 'Alle stummschalten',
  'people.end': 'Anruf für alle beenden',

  'people.lobby': 'Der Warteraum ist an: Wer den Anruf leitet, lässt andere herein.',
  'people.lobby-on': 'Warteraum einschalten',
  'people.lobby-off': 'Warteraum ausschalten',

  // Waiting to be let in, and who lets in
  'lobby.title': 'Sie warten auf Einlass',
  'lobby.hosted': 'Wer den Anruf leitet, weiß, dass Sie da sind.',
  'lobby.unhosted':
    'Gerade ist niemand da, der Sie einlassen kann. Sie können warten: Wer den Anruf leitet, sieht Sie sofort.',
  'lobby.lost': 'Die Verbindung ist unterbrochen. Wir stellen Sie wieder an …',
  'lobby.private': 'Noch sieht und hört Sie niemand.',
  'lobby.leave': 'Verlassen',
  'lobby.knocks': { one: '{count} Person möchte herein', other: '{count} Personen möchten herein' },
  'lobby.knocked': { one: '{names} möchte herein.', other: '{names} möchten herein.' },
  'lobby.admit': 'Einlassen',
  'lobby.admit-name': 'Einlassen: {name}',
  'lobby.deny': 'Abweisen',
  'lobby.deny-name': 'Abweisen: {name}',
  'lobby.admit-all': 'Alle einlassen',

  // What a person may not do here
  'may.microphone': 'In diesem Anruf dürfen Sie Ihr Mikrofon nicht benutzen.',
  'may.camera': 'In diesem Anruf dürfen Sie Ihre Kamera nicht benutzen.',
  'may.screen': 'In diesem Anruf dürfen Sie Ihren Bildschirm nicht teilen.',
  'may.data': 'Sie dürfen den Chat dieses Anrufs lesen, aber nichts schreiben.',
  'may.subscribe': 'In diesem Anruf dürfen Sie die anderen nicht sehen und hören.',

  // The link of the call for others
  'invite.title': 'Andere einladen',
  'invite.lead': 'Wer diesen Link hat, kann teilnehmen.',
  'invite.lobby': 'Wer diesen Link hat, kann um Einlass bitten.',
  'invite.locked': 'Der Raum ist geschlossen: Öffnen Sie ihn, damit andere teilnehmen können.',
  'invite.link': 'Link dieses Anrufs',
  'invite.share': 'Teilen …',
  'invite.message': 'Nehmen Sie an meinem Anruf teil:',
  'invite.code': 'Der Link als QR-Code, für die Kamera eines Telefons',

  // Reactions and hands
  'hands.raise': 'Hand heben',
  'hands.lower': 'Hand senken',
  'hands.up': 'Ihre Hand ist gehoben.',
  'hands.down': 'Ihre Hand ist unten.',
  'hands.raised': { one: '{names} hebt die Hand.', other: '{names} heben die Hand.' },
  'hands.place': 'Hand gehoben, Platz {place}',
  'reactions.open': 'Reagieren',
  'reactions.told': '{names}: {reaction}.',
  'reactions.you': 'Sie',
  'reactions.name.thumbs-up': 'Daumen hoch',
  'reactions.name.heart': 'Herz',
  'reactions.name.laugh': 'Lachen',
  'reactions.name.wow': 'Staunen',
  'reactions.name.clap': 'Applaus',
  'reactions.name.party': 'Hurra',

  // What hosts do, and what others hear of it
  'moderation.host': 'Sie leiten jetzt diesen Anruf.',
  'moderation.locked': 'Der Raum ist geschlossen: Niemand kann dazukommen.',
  'moderation.open': 'Der Raum ist wieder offen.',
  'moderation.lobby-on': 'Der Warteraum ist an: Wer den Anruf leitet, lässt andere herein.',
  'moderation.lobby-off': 'Der Warteraum ist aus: Wer kommt, ist gleich im Anruf.',
  'moderation.muted.microphone':
    '{name} hat Ihr Mikrofon ausgeschaltet. Sie können es wieder einschalten.',
  'moderation.muted.camera':
    '{name} hat Ihre Kamera ausgeschaltet. Sie können sie wieder einschalten.',
  'moderation.muted.screen':
    '{name} hat das Teilen Ihres Bildschirms beendet. Sie können ihn wieder teilen.',
  'moderation.somebody': 'Jemand, der den Anruf leitet,',
  'moderation.done.microphone': 'Sie haben das Mikrofon von {name} ausgeschaltet.',
  'moderation.done.camera': 'Sie haben die Kamera von {name} ausgeschaltet.',
  'moderation.done.screen': 'Der Bildschirm von {name} wird nicht mehr geteilt.',
  'moderation.done-all': 'Sie haben alle stummgeschaltet.',
  'moderation.remove': '{name} aus dem Anruf entfernen?',
  'moderation.remove-text':
    'Mit dem Link ist eine neue Teilnahme möglich, solange Sie den Raum nicht schließen.',
  'moderation.end': 'Den Anruf für alle beenden?',
  'moderation.end-text': 'Alle verlassen ihn, auch Sie.',
  'moderation.cancel': 'Abbrechen',
  'moderation.refused':
    'Der Server hat das nicht getan: Nur wer den Anruf leitet, darf es, und nur bei Anwesenden.',
  'moderation.too-fast': 'Das ging etwas schnell. Warten Sie einen Moment.',

  // Chat and files
  'chat.title': 'Chat',
  'chat.button-new': { one: 'Chat, {count} neue Nachricht', other: 'Chat, {count} neue Nachrichten' },
  'chat.messages': 'Nachrichten',
  'chat.empty': 'Noch hat niemand etwas geschrieben.',
  'chat.latest': 'Neue Nachrichten',
  'chat.to': 'An',
  'chat.everybody': 'Alle',
  'chat.has-left': '{name} (nicht mehr da)',
  'chat.message': 'Nachricht',
  'chat.hint': 'An alle schreiben',
  'chat.hint-private': 'Nur an {name} schreiben',
  'chat.send': 'Senden',
  'chat.you': 'Sie',
  'chat.only-for': 'Nur für {name}',
  'chat.only-for-you': 'Nur für Sie',
  'chat.only-for-one': 'Nur für eine Person',
  'chat.not-sent-yet': 'Noch nicht gesendet',
  'chat.left': { one: 'Noch {count} Zeichen', other: 'Noch {count} Zeichen' },
  'chat.over': { one: '{count} Zeichen zu viel', other: '{count} Zeichen zu viel' },
  'chat.connecting': 'Der Chat wird verbunden …',
  'chat.unavailable': 'In diesem Anruf funktioniert der Chat nicht.',
  'chat.recipient-left': '{name} ist nicht mehr da. Wählen Sie, an wen Sie schreiben.',
  'chat.said': '{name}: {text}',
  'chat.said-to-you': '{name}, nur für Sie: {text}',
  'chat.news': {
    one: '{count} neue Nachricht von {names}.',
    other: '{count} neue Nachrichten von {names}.',
  },
  'chat.earlier': {
    one: '{count} Nachricht stand schon da, bevor Sie kamen.',
    other: '{count} Nachrichten standen schon da, bevor Sie kamen.',
  },
  'chat.attach': 'Dateien senden',
  'chat.drop': 'Dateien hier ablegen, um sie an alle zu senden',
  'chat.drop-private': 'Dateien hier ablegen, um sie nur an {name} zu senden',
  'chat.uploads': 'Dateien auf dem Weg',
  'chat.sent-file': 'Hat eine Datei gesendet: {file}',
  'chat.download-file': '{file} herunterladen',
  'chat.downloading-file': '{file} wird heruntergeladen',
  'chat.sending-file': '{file} wird gesendet',
  'chat.cancel-file': '{file} abbrechen',
  'chat.dismiss-file': 'Meldung zu {file} schließen',
  'chat.file-waits': 'Wartet …',
  'chat.file-progress': '{done} von {size}',
  'chat.file-here': '{file} ist heruntergeladen.',
  'chat.file-there': '{file} ist gesendet.',
  'chat.file-gone': 'Nicht mehr verfügbar',
  'chat.file-too-large': 'Zu groß: Eine Datei darf höchstens {limit} haben.',
  'chat.too-long': {
    one: 'Eine Nachricht darf höchstens {count} Zeichen haben.',
    other: 'Eine Nachricht darf höchstens {count} Zeichen haben.',
  },

  // Why a message was not taken; the last word is a code
  'chat-problem.too-fast': 'Das war zu schnell. Warten Sie eine Sekunde und versuchen Sie es noch einmal.',
  'chat-problem.too-many-waiting':
    'Es warten schon zu viele Nachrichten. Versuchen Sie es wieder, wenn die Verbindung steht.',
  'chat-problem.no-such-participant': 'Ihre Nachricht wurde nicht gesendet: Die Person ist nicht mehr da.',
  'chat-problem.unknown': 'Ihre Nachricht wurde nicht gesendet. Bitte versuchen Sie es noch einmal.',

  // Why a file did not get through; the last word is a code
  'file-problem.too-fast':
    'Zu viele Dateien auf einmal. Warten Sie eine Sekunde und versuchen Sie es noch einmal.',
  'file-problem.too-many-files': 'Dafür ist gerade kein Platz. Versuchen Sie es später noch einmal.',
  'file-problem.too-many-waiting': 'Es warten schon zu viele Dateien. Versuchen Sie es später noch einmal.',
  'file-problem.no-such-participant': 'Nicht gesendet: Die Person ist nicht mehr da.',
  'file-problem.no-such-file': 'Nicht mehr verfügbar.',
  'file-problem.wrong-size': 'Sie kam nicht vollständig an. Bitte versuchen Sie es noch einmal.',
  'file-problem.unreadable': 'Der Browser kann diese Datei nicht lesen. Ordner lassen sich nicht senden.',
  'file-problem.unknown': 'Sie kam nicht durch. Bitte versuchen Sie es noch einmal.',

  // Devices; {devices} are one or both of the first two
  'device.microphone': 'Ihr Mikrofon',
  'device.camera': 'Ihre Kamera',
  'device.insecure':
    'Browser geben Kamera und Mikrofon nur an Seiten mit https frei. Öffnen Sie diese Seite mit https:// (oder auf diesem Rechner als localhost); bis dahin können Sie zusehen und zuhören.',
  'device.blocked':
    'Der Zugriff auf {devices} ist für diese Seite gesperrt. Erlauben Sie ihn über das Symbol in der Adressleiste und versuchen Sie es noch einmal, oder nehmen Sie ohne teil.',
  'device.blocked-by-system':
    'Ihr System gibt {devices} nicht für den Browser frei. Erlauben Sie es in den Datenschutzeinstellungen des Systems und versuchen Sie es noch einmal, oder nehmen Sie ohne teil.',
  'device.forbidden':
    'Die Seite, in der dieser Anruf steckt, gibt ihm {devices} nicht frei. Öffnen Sie den Anruf auf einer eigenen Seite, oder nehmen Sie ohne teil.',
  'device.gone':
    'Sie hatten für {devices} ein Gerät gewählt, das nicht mehr da ist. Wählen Sie ein anderes, oder versuchen Sie es noch einmal mit dem, was da ist.',
  'device.none':
    'Der Browser hat {devices} nicht gefunden. Schließen Sie das Gerät an und versuchen Sie es noch einmal, oder nehmen Sie ohne teil.',
  'device.busy':
    'Ein anderes Programm benutzt gerade {devices}. Schließen Sie es und versuchen Sie es noch einmal, oder nehmen Sie ohne teil.',
  'device.unfit':
    'Diese Seite kann {devices} so nicht benutzen. Versuchen Sie es mit einem anderen Gerät, oder nehmen Sie ohne teil.',
  'device.problem':
    'Der Browser konnte {devices} nicht starten. Versuchen Sie es noch einmal, oder nehmen Sie ohne teil.',
  'device.microphone-lost':
    'Ihr Mikrofon ist weg: Es wurde ausgesteckt oder entzogen. Schalten Sie es wieder ein, wenn es zurück ist.',
  'device.camera-lost':
    'Ihre Kamera ist weg: Sie wurde ausgesteckt oder entzogen. Schalten Sie sie wieder ein, wenn sie zurück ist.',

  'device.turn-on': 'Wieder einschalten',

  // Choosing devices
  'devices.title': 'Mikrofon, Kamera, Lautsprecher',
  'devices.microphone': 'Mikrofon',
  'devices.camera': 'Kamera',
  'devices.speaker': 'Lautsprecher',
  'devices.unnamed.microphone': 'Mikrofon {number}',
  'devices.unnamed.camera': 'Kamera {number}',
  'devices.unnamed.speaker': 'Lautsprecher {number}',
  'devices.none': 'Keins gefunden',
  'devices.test': 'Testton abspielen',
  'devices.state.off': 'Ihr Mikrofon ist aus.',
  'devices.state.listening': 'Sagen Sie etwas: Der Balken zeigt, wie laut es ist.',
  'devices.state.heard': 'Wir hören Sie.',
  'devices.close': 'Fertig',

  // Why no screen is shared
  'sharing.refused':
    'Es wird nichts geteilt: Sie haben abgebrochen, oder diese Seite darf Ihren Bildschirm nicht zeigen. Teilen Sie noch einmal, um etwas anderes zu wählen.',
  'sharing.blocked-by-system':
    'Ihr System gibt den Bildschirm nicht für den Browser frei. Erlauben Sie es in den Datenschutzeinstellungen des Systems und teilen Sie dann noch einmal.',
  'sharing.problem':
    'Der Bildschirm ließ sich nicht aufnehmen, es wird nichts geteilt. Versuchen Sie es noch einmal, oder teilen Sie stattdessen ein Fenster.',

  'sharing.again': 'Noch einmal teilen',

  // Figures of the connection
  'statistics.title': 'Verbindung',
  'statistics.details': 'Angaben zur Verbindung',
  'statistics.copy': 'Angaben kopieren',
  'statistics.copied': 'Die Angaben sind kopiert',
  'statistics.your.microphone': 'Ihr Mikrofon',
  'statistics.your.camera': 'Ihre Kamera',
  'statistics.your.screen': 'Ihr Bildschirm',
  'statistics.your.screen-audio': 'Ton Ihres Bildschirms',
  'statistics.of.microphone': 'Mikrofon von {name}',
  'statistics.of.camera': 'Kamera von {name}',
  'statistics.of.screen': 'Bildschirm von {name}',
  'statistics.of.screen-audio': 'Ton des Bildschirms von {name}',
  'statistics.connection': 'Umlaufzeit {time}, Upload {rate}',
  'statistics.unknown': '–',
  'statistics.kilobits': '{value} kbit/s',
  'statistics.megabits': '{value} Mbit/s',
  'statistics.percent': '{value} %',
  'statistics.milliseconds': '{value} ms',
  'statistics.size': '{width} × {height}',
  'statistics.frames': '{value} Bilder/s',
  'statistics.loss': 'Verlust {share}',
  'statistics.jitter': 'Jitter {time}',
  'statistics.round-trip': 'Umlaufzeit {time}',

  // The keys of a call
  'help.title': 'Tasten',
  'help.use': 'Diese Tasten benutzen',
  'help.close': 'Schließen',
  'help.space': 'Leertaste',
  'help.hold-to-talk': 'Gedrückt halten, um bei ausgeschaltetem Mikrofon zu sprechen',
  'keys.microphone': 'Mikrofon aus oder an',
  'keys.camera': 'Kamera aus oder an',
  'keys.share': 'Bildschirm teilen oder nicht mehr teilen',
  'keys.pin': 'Ausgewählte Person anheften oder lösen',
  'keys.people': 'Liste der Personen',
  'keys.hand': 'Hand heben oder senken',
  'keys.react': 'Reaktionen',
  'keys.view': 'Kacheln oder eine Person groß',
  'keys.fullscreen': 'Vollbild ein oder aus',
  'keys.chat': 'Chat öffnen oder schließen',
  'keys.help': 'Diese Hilfe',

  // Why a call is over, and the way on; the middle is a code of the server or of the sdk
  'notice.again': 'Noch einmal versuchen',
  'notice.join-again': 'Wieder teilnehmen',
  'notice.new-call': 'Neuer Anruf',
  'notice.home': 'Startseite',
  'notice.room-full.title': 'Dieser Raum ist voll',
  'notice.room-full.text':
    'Mehr Personen passen nicht hinein. Warten Sie, bis jemand geht, und versuchen Sie es dann noch einmal.',
  'notice.room-not-found.title': 'Diesen Anruf gibt es nicht',
  'notice.room-not-found.text':
    'Der Link ist unvollständig, oder der Anruf ist endgültig vorbei. Bitten Sie um einen neuen Link, oder starten Sie selbst einen Anruf.',
  'notice.draining.title': 'Der Server startet gleich neu',
  'notice.draining.text': 'Bis dahin lässt er niemanden mehr herein. Bitte versuchen Sie es in ein paar Minuten noch einmal.',
  'notice.server-full.title': 'Der Server ist voll',
  'notice.server-full.text':
    'Mehr Personen kann er nicht aufnehmen. Bitte versuchen Sie es in ein paar Minuten noch einmal.',
  'notice.server-busy.title': 'Der Server ist ausgelastet',
  'notice.server-busy.text':
    'Er lässt gerade niemanden mehr herein, damit die laufenden Gespräche gut bleiben. Bitte versuchen Sie es in einer Minute noch einmal.',
  'notice.too-many-joins.title': 'Zu viele Personen auf einmal',
  'notice.too-many-joins.text':
    'Aus Ihrem Netz treten gerade viele Personen bei. Bitte versuchen Sie es in einer Minute noch einmal.',
  'notice.too-many-from-address.title': 'Zu viele Personen aus Ihrem Netz',
  'notice.too-many-from-address.text':
    'Ihr Netz hat so viele Verbindungen zu diesem Server, wie es haben darf. Bitte versuchen Sie es später oder aus einem anderen Netz noch einmal.',
  'notice.server-stopping.title': 'Der Server startet neu',
  'notice.server-stopping.text': 'Er ist gleich wieder da. Dann können Sie wieder teilnehmen.',
  'notice.removed.title': 'Sie wurden aus dem Anruf entfernt',
  'notice.removed.text':
    'Jemand, der den Anruf leitet, hat Sie hinausgeschickt. Fragen Sie nach, bevor Sie wieder teilnehmen.',
  'notice.replaced.title': 'Sie nehmen woanders teil',
  'notice.replaced.text':
    'Ein anderes Fenster hat Ihren Platz übernommen. Sie können ihn zurückholen.',
  'notice.ended.title': 'Der Anruf ist beendet',
  'notice.ended.text': 'Jemand, der den Anruf leitet, hat ihn für alle beendet.',
  'notice.room-locked.title': 'Dieser Raum ist geschlossen',
  'notice.room-locked.text':
    'Im Moment kann niemand dazukommen. Bitten Sie jemanden im Raum, ihn zu öffnen, und versuchen Sie es dann noch einmal.',
  'notice.denied.title': 'Sie wurden nicht eingelassen',
  'notice.denied.text':
    'Wer den Anruf leitet, hat Sie abgewiesen. Sprechen Sie sich ab, bevor Sie es noch einmal versuchen.',
  'notice.lobby-timeout.title': 'Niemand hat Sie eingelassen',
  'notice.lobby-timeout.text':
    'Sie haben lange gewartet. Geben Sie im Anruf jemandem Bescheid und versuchen Sie es dann noch einmal.',
  'notice.lobby-full.title': 'Es warten schon zu viele',
  'notice.lobby-full.text': 'Der Warteraum dieses Anrufs ist voll. Bitte versuchen Sie es in ein paar Minuten noch einmal.',
  'notice.bad-token.title': 'Diese Einladung gilt nicht',
  'notice.bad-token.text':
    'Sie ist für einen anderen Anruf oder abgelaufen. Bitten Sie um eine neue.',
  'notice.token-required.title': 'Sie brauchen eine Einladung',
  'notice.token-required.text':
    'Der Link allein öffnet hier keinen Anruf. Bitten Sie um einen eigenen Link.',
  'notice.token-expired.title': 'Diese Einladung ist abgelaufen',
  'notice.token-expired.text': 'Bitten Sie um eine neue.',
  'notice.internal-error.title': 'Auf dem Server ist etwas schiefgegangen',
  'notice.internal-error.text':
    'Es lag nicht an Ihnen, und der Server hat es vermerkt. Bitte nehmen Sie wieder teil.',
  'notice.unreachable.title': 'Der Server antwortet nicht',
  'notice.unreachable.text':
    'Prüfen Sie Ihre Internetverbindung und versuchen Sie es noch einmal.',
  'notice.no-media.title': 'Ton und Bild kommen nicht durch',
  'notice.no-media.text':
    'Diese Seite funktioniert, aber das Netz zwischen Ihnen und dem Server sperrt den Anruf selbst: Firewalls von Firmen und Hotels tun das oft. Versuchen Sie es in einem anderen Netz, zum Beispiel in dem Ihres Telefons.',
  'notice.left.title': 'Sie haben den Anruf verlassen',
  'notice.left.text': 'Mit demselben Link können Sie wieder teilnehmen.',
  'notice.unknown.title': 'Der Anruf ist beendet',
  'notice.unknown.text': 'Auf dem Weg zum Server ist etwas schiefgegangen.',
};
