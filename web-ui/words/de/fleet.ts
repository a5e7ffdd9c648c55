import type { fleet as source } from '../en/fleet.ts'
import type { Translation } from '../words.ts'

export const fleet: Translation<typeof source> = {
  'fleet.office': 'Zentrale',
  'fleet.state-off': 'Diese Box hat keine Zentrale: Alle Einstellungen sind ihre eigenen.',
  'fleet.state-waiting': 'Für diese Box wurde noch nichts veröffentlicht.',
  'fleet.state-current': 'Die Einstellungen von {fleet} gelten hier (Stand {serial}).',
  'fleet.state-refused': 'Das zuletzt Veröffentlichte wurde nicht übernommen. Was vorher galt, gilt weiter.',
  'fleet.state-rolled-back':
    'Das zuletzt Veröffentlichte tat dieser Box nicht gut und wurde zurückgenommen. Was vorher galt, gilt wieder.',
  'fleet.canary': 'Neue Einstellungen werden zuerst auf dieser Box erprobt.',
  'fleet.managed': 'Von der Zentrale verwaltet',
  'fleet.ask': 'Das ändert nur {contact}.',
  'fleet.ask-office': 'Das ändert nur die Zentrale.',
  'fleet.looked': 'Nachgesehen',
  'fleet.told': 'Zustand gemeldet',
  'fleet.never': 'nie',
  'fleet.well': 'In Ordnung seit',
  'fleet.not-well': 'nicht in Ordnung',
  'fleet.pull': 'Jetzt nachsehen',
  'fleet.pulled': 'Die Zentrale wurde gefragt.',
  'fleet.identity': 'Kennung für die Zentrale',
  'fleet.identity-line':
    'Mit dieser Zeile versiegelt die Zentrale Geheimnisse für diese Box. Sie selbst ist nicht geheim.',
  'fleet.identity-show': 'Kennung zeigen',
  'fleet.boxes': 'Andere Boxen',
  'fleet.empty': 'Diese Box führt keine anderen auf: Das tun Zeilen [[fleet.box]] im Einrichtungsdokument.',
  'fleet.mood-good': 'In Ordnung',
  'fleet.mood-warn': 'Ansehen',
  'fleet.mood-bad': 'Braucht Hilfe',
  'fleet.mood-silent': 'Stumm',
  'fleet.seen': 'Geantwortet',
  'fleet.facts':
    'Alarme: {alarms}, Warnungen: {warnings}, wartende Mails: {waiting}, angehaltene Auswege: {paused}',
  'fleet.serial': 'Stand {serial}',
  'fleet.row-alias': 'Alias',
  'fleet.row-device': 'Gerät',
  'fleet.row-upstream': 'Ausweg',
  'fleet.row-backup': 'Sicherung',
  'fleet.join':
    'Um einer beizutreten, schreiben Sie die Zeilen für [fleet], die Ihnen die Zentrale gibt, in:',
  'fleet.mood-unknown': 'Wird gefragt',
  'fleet.last-known': 'Was sie zuletzt sagte:',
  'fleet.box-refused': 'Hat nicht übernommen, was die Zentrale veröffentlichte.',
  'fleet.box-rolled-back': 'Hat zurückgenommen, was die Zentrale veröffentlichte.',
  'fleet.table-gateway': 'Name, eigene Mail, Netze',
  'fleet.table-listener': 'Ports für Drucker',
  'fleet.table-large_files': 'Große Dateien',
  'fleet.reason-unreadable':
    'Es ist kein Bundle, das diese Version lesen kann: Aktualisieren Sie die Box, oder lassen Sie es neu signieren.',
  'fleet.reason-wrong-key':
    'Kein Schlüssel, dem diese Box vertraut, hat es signiert. Vergleichen Sie die öffentlichen Schlüssel mit der Zentrale: Vielleicht hat jemand anderes den Server.',
  'fleet.reason-tampered':
    'Es wurde nach dem Signieren verändert: Die Zentrale muss nach ihrem Server sehen.',
  'fleet.reason-older':
    'Es ist älter als das, was diese Box übernommen hat: Ältere Einstellungen kommen unter höherem Stand wieder.',
  'fleet.reason-wrong-box': 'Es ist für eine andere Box.',
  'fleet.reason-not-listed': 'Die Zentrale hat nichts für eine Box dieses Namens.',
  'fleet.reason-too-large':
    'Es ist größer als jedes Bundle: Sehen Sie nach, was der Server wirklich liefert.',
  'fleet.reason-sealed':
    'Ein Geheimnis darin lässt sich hier nicht öffnen: Die Zentrale versiegelt es neu für die Kennung unten.',
  'fleet.reason-rules':
    'Es passt nicht zu dieser Box. Es wird wieder versucht, sobald dies berichtigt ist, dort oder hier:',
  'fleet.reason-shut-out': 'Es würde diesen Standort aussperren: Die Zentrale muss dies berichtigen:',
  'fleet.reason-vault-locked': 'Der Tresor dieser Box ist zu: Legen Sie den richtigen vault.key zurück.',
  'fleet.reason-listener':
    'Damit ließ sich ein Port für Drucker nicht öffnen. Die Zentrale sieht es; hier ist nichts zu tun.',
  'fleet.reason-cannot-send':
    'Damit stand ein Ausweg, der vorher senden konnte. Die Zentrale sieht es; hier ist nichts zu tun.',
  'fleet.reason-cut-off': 'Damit war die Zentrale über ihren Proxy nicht mehr erreichbar.',
  'fleet.table-limits': 'Grenzen',
  'fleet.table-history': 'Verlauf',
  'fleet.table-console': 'Konsole',
  'fleet.table-alerts': 'Wie Menschen benachrichtigt werden',
  'fleet.state-unreached': 'Die Zentrale konnte noch nicht gefragt werden.',
}
