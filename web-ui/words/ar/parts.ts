import type { parts as source } from '../en/parts.ts'
import type { Translation } from '../words.ts'

export const parts: Translation<typeof source> = {
  'notice.undone': 'تم التراجع.',
  'pem.here': 'يحتفظ به الجهاز. ملف آخر يحل محله.',
  'pem.ignored': 'ما تُرك من الملف: {what}.',
  'busy.network': 'الشبكة هنا بطيئة، أو أن الجهاز مشغول.',
  'stale.since': 'هكذا كان الحال {age}. {reason}',
  'banner.unreachable': 'الجهاز لا يستجيب.',
  'banner.unreachable-cure': 'هل هذا الهاتف في شبكته، وهل الجهاز موصول بالكهرباء؟ يُسأل كل بضع ثوانٍ.',
  'banner.clock': 'ساعة الجهاز لا يمكن تصديقها: تشير إلى {time}.',
  'banner.clock-cure': 'يُحفظ البريد وينتظر حتى يصحّ الوقت. يأخذ الجهاز الوقت من الشبكة.',
  'banner.clock-do': 'انظر إلى الوقت',
  'banner.disk': 'قرص الجهاز ممتلئ: لا يُقبل أي بريد.',
  'banner.disk-cure': 'احذف من الانتظار ما لا يحتاجه أحد، أو وفّر مساحة على البطاقة: {detail}',
  'banner.disk-do': 'إلى الانتظار',
  'banner.slow': 'لا يصل شيء تلقائيًا الآن: يُسأل الجهاز كل بضع ثوانٍ.',
}
