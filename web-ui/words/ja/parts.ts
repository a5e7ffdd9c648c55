import type { parts as source } from '../en/parts.ts'
import type { Translation } from '../words.ts'

export const parts: Translation<typeof source> = {
  'notice.undone': '元に戻しました。',
  'pem.here': 'ボックスが保管しています。別のファイルを選ぶと置き換わります。',
  'pem.ignored': 'ファイルから除いたもの: {what}',
  'busy.network': 'ネットワークが遅いか、ボックスが混み合っています。',
  'stale.since': '{age}の状態です。{reason}',
  'banner.unreachable': 'ボックスが応答しません。',
  'banner.unreachable-cure':
    'このスマートフォンは同じネットワークにあり、ボックスの電源は入っていますか。数秒ごとに問い合わせます。',
  'banner.clock': 'ボックスの時計が信用できません: {time} を示しています。',
  'banner.clock-cure': 'メールは保存され、時刻が正しくなるまで待ちます。時刻はネットワークから取得します。',
  'banner.clock-do': '時刻を確認',
  'banner.disk': 'ボックスのディスクがいっぱいです。メールを受け付けません。',
  'banner.disk-cure': '不要なメールを待ち行列から削除するか、カードの空きを作ってください: {detail}',
  'banner.disk-do': '待ち行列へ',
  'banner.slow': '自動では更新されません。数秒ごとにボックスに問い合わせます。',
}
