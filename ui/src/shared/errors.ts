/**
 * Every code in plain Russian: what happened and what to do. The records are keyed by the wire's own types,
 * so a new code does not compile until it has its sentence.
 */
import type { CommandError } from "../platform";
import type { Clash, Code, Refusal } from "../wire/wire";
import { caseStatus } from "./case-words";
import { paperStage, visitStatus } from "./labels";
import { roubles } from "./money";
import { span } from "./time";

export interface Words {
  title: string;
  text: string;
}

export const codeWords: Record<Code, Words> = {
  not_signed_in: { title: "Вход не выполнен", text: "Рабочее место заблокировано. Войдите и повторите." },
  wrong_secret: { title: "Не подошло", text: "Логин или пароль не подошли. Проверьте раскладку и Caps Lock." },
  too_many_tries: { title: "Слишком много попыток", text: "Вход ненадолго приостановлен." },
  forbidden: { title: "Нет прав", text: "Для этого нужна роль управляющего." },
  keychain_missing: {
    title: "Не найдено хранилище ключей",
    text: "База зашифрована, а ключ хранит система. Запустите связку ключей (в Linux — GNOME Keyring или KWallet) и проверьте снова. База цела.",
  },
  keychain_locked: {
    title: "Хранилище ключей заблокировано",
    text: "Разблокируйте связку ключей паролем учётной записи и проверьте снова. База цела.",
  },
  key_lost: {
    title: "Ключ от базы потерян",
    text: "База на месте, но ключа от неё в хранилище этого пользователя нет: так бывает после смены учётной записи или переустановки системы. Если вход был под другим пользователем, войдите под прежним и проверьте снова. Ничего не удалено.",
  },
  wrong_key: {
    title: "Ключ не подходит к базе",
    text: "Этой базе нужен другой ключ. Возможно, папка перенесена с другого компьютера. Ничего не изменено.",
  },
  plain_database: {
    title: "База не зашифрована",
    text: "На месте базы лежит незашифрованный файл. Программа не стала его открывать. Уберите файл и проверьте снова.",
  },
  newer_schema: {
    title: "База новее программы",
    text: "С этой базой уже работала более новая версия. Обновите программу — данные целы.",
  },
  database_damaged: {
    title: "База повреждена",
    text: "Файл базы не читается целиком: так бывает при сбое диска или питания. Всё, что было отправлено, есть на сервере.",
  },
  database_busy: { title: "База занята", text: "Программа уже открыта в другом окне. Закройте его и попробуйте снова." },
  disk_full: { title: "Нет места на диске", text: "Запись не сохранена. Освободите место и повторите." },
  other_kit: { title: "Код от другого комплекта", text: "Код набран без ошибки, но он не от действующего комплекта. Возьмите последний напечатанный лист." },
  not_a_copy: { title: "Это не копия", text: "Файл не читается как копия этого рабочего места. Рядом с ним должен лежать файл с тем же именем и .keys на конце." },
  no_folder: { title: "Папка копий недоступна", text: "Вставьте диск с копиями или выберите другую папку в разделе «Ключи и копии»." },
  not_connected: { title: "Нет подключения к клинике", text: "Подключите это рабочее место по коду." },
  gateway_unreachable: {
    title: "Сервер не отвечает",
    text: "Проверьте интернет и адрес. Работать можно и без связи: всё сохраняется здесь.",
  },
  gateway_refused: { title: "Сервер отказал", text: "Сервер не принимает это рабочее место. Обратитесь к управляющему." },
  desk_revoked: {
    title: "Рабочее место отключено",
    text: "Управляющий закрыл доступ этому компьютеру. Попросите у него новый код подключения.",
  },
  code_mistyped: { title: "Опечатка в коде", text: "Код набран с ошибкой: проверьте знаки по одному." },
  outdated: { title: "Программа устарела", text: "Серверу нужна версия новее. Обновите программу и повторите — код не потрачен." },
  code_refused: { title: "Код не принят", text: "Код уже использован или истёк. Попросите у управляющего новый." },
  bad_address: { title: "Адрес не подходит", text: "Адрес сервера начинается с https:// — например, https://desk.clinic.ru." },
  refused: { title: "Не получилось", text: "Действие отклонено." },
  not_found: { title: "Не найдено", text: "Такой записи уже нет. Возможно, её изменили с другого места." },
  bad_input: { title: "Проверьте поля", text: "В одном из полей ошибка." },
  paper_unknown: { title: "Бланк не найден", text: "Откройте предпросмотр заново." },
  paper_unchecked: { title: "Сначала ответьте на вопросы", text: "Перед печатью есть что проверить. Откройте предпросмотр и отметьте, что сверили." },
  paper_elsewhere: { title: "Файл на другом компьютере", text: "Лист печатали с другого места: его копия хранится там, подписанный лист — в архиве." },
  no_printer: { title: "Принтер не найден", text: "Включите принтер или сохраните PDF." },
  print_failed: { title: "Печать не удалась", text: "Принтер не принял задание. Проверьте его и повторите или сохраните PDF." },
  paper_failed: { title: "Бланк не собран", text: "Бумага не готова. Проверьте карточку и повторите." },
  internal: { title: "Внутренняя ошибка", text: "Что-то пошло не так. Повторите; если не поможет — перезапустите программу." },
};

const clashWords: Record<Clash, string> = {
  practitioner: "Врач в это время занят.",
  chair: "Кресло в это время занято.",
  person: "У этого человека уже есть запись на это время.",
};

type RefusalName = Refusal["refusal"];

const refusalSentences: { [K in RefusalName]: (refusal: Extract<Refusal, { refusal: K }>) => string } = {
  not_found: () => "Такой записи уже нет.",
  wrong_kind: () => "К этой записи действие не подходит.",
  already_exists: () => "Такая запись уже есть.",
  forbidden: () => "Для этого нужна роль управляющего.",
  changed_meanwhile: () => "Запись успели изменить с другого места. Посмотрите её заново.",
  claimed_by_other: () => "С этой заявкой уже работает другой администратор.",
  request_closed: () => "Заявка уже закрыта.",
  request_open: () => "Заявка ещё открыта.",
  not_quarantined: () => "Заявка уже распознана.",
  no_such_call: () => "Этого звонка в заявке нет.",
  person_unknown: () => "Карточка человека ещё не дошла. Выберите человека заново.",
  person_blocked: () => "Данные этого человека заблокированы: их нельзя использовать, пока блокирование не снято.",
  no_such_block: () => "Этого блокирования нет или оно уже снято.",
  same_card: () => "Это одна и та же карточка: объединять нечего.",
  card_merged: () => "Одну из карточек уже объединили с другой. Откройте её и сравните заново.",
  no_such_merge: () => "Этого объединения нет или его уже отменили.",
  no_such_paper: () => "Такой бумаги в карточке нет.",
  paper_stage: (refusal) => `Лист уже в состоянии «${paperStage[refusal.stage].label}».`,
  case_at_another_step: (refusal) => `Обращение уже в состоянии «${caseStatus[refusal.status].label}».`,
  held_meanwhile: () => "Пока уничтожали, на другом месте отметили спор в суде. Данные целы. Уберите это действие и проверьте очередь уничтожения заново.",
  no_medical_worker: () => "Укажите врача, который разъяснил вмешательство и подписал согласие.",
  bad_interval: () => "Окончание раньше начала или приём длиннее 12 часов.",
  bad_amount: () => "Сумма должна быть больше нуля и в пределах разумного.",
  balance_too_low: (refusal) => `На сертификате осталось меньше: ${roubles(refusal.balance)}.`,
  certificate_blocked: () => "Сертификат заблокирован.",
  certificate_expired: () => "Срок сертификата истёк.",
  no_such_redemption: () => "Этого движения нет, оно уже отменено или сертификатом успели воспользоваться.",
  too_late: () => "Списание и продажу отменяют только в тот же день. Оформите возврат.",
  bad_date: () => "Срок не может кончиться раньше: укажите дату позже.",
  refund_requested: () => "По сертификату заявлен возврат денег.",
  refund_not_requested: () => "Возврат по этому сертификату не заявлен.",
  not_paid: () => "Сертификат подарен клиникой: возвращать нечего.",
  money_owed: () => "На сертификате есть деньги: он остаётся, пока их не потратят или не вернут.",
  slot_taken: (refusal) => clashWords[refusal.clash],
  wrong_status: (refusal) => `Запись уже в состоянии «${visitStatus[refusal.status].label}».`,
  too_early: () => "Отмечать неявку ещё рано: подождите 15 минут после начала.",
  bad_sealed_part: () => "Данные не приняты сервером. Повторите действие заново.",
  no_clinic: () => "Клиника ещё не настроена.",
  unknown: () => "Эта версия программы не знает, почему отказано: обновите её.",
};

export function refusalWords(refusal: Refusal): string {
  const sentence = refusalSentences[refusal.refusal] as ((refusal: Refusal) => string) | undefined;
  return sentence?.(refusal) ?? "Причина неизвестна этой версии программы.";
}

const fieldWords: Record<string, string> = {
  name: "ФИО",
  family: "Фамилия",
  given: "Имя",
  phones: "Телефон",
  phone: "Телефон",
  email: "Эл. почта",
  birth_date: "Дата рождения",
  note: "Комментарий",
  who: "Кто обратился",
  contact: "Куда ответить",
  substance: "Суть",
  received: "Когда поступило",
  identity: "Как проверили личность",
  words: "Пояснение",
  start: "Начало",
  end: "Окончание",
  next_try_at: "Время повтора",
  code: "Код",
  gateway: "Адрес сервера",
  login: "Логин",
  secret: "Пароль",
  query: "Запрос",
  zone: "Часовой пояс",
  copies: "Число копий",
  choices: "Выбор",
  amount: "Сумма",
  service: "Услуга",
  role: "Роль",
  active: "Работает",
  speciality: "Специальность",
  chair: "Кресло",
  order: "Порядок",
  secret_hash: "Пароль",
  hours: "Часы работы",
  chairs: "Кресла",
  requisites: "Реквизиты",
  practice: "Порядок работы",
  responsible: "Ответственный",
  signatory: "Подписант",
  folder: "Папка: нужен путь к папке, которая уже есть",
  file: "Файл копии",
  person: "Кто именно",
  requester: "Кто обратился",
  ground: "Основание",
  evidence: "Что показала проверка",
  kind: "Вид согласия",
  channel: "Как сказали",
  paper: "Бумага: нужен напечатанный бланк этого согласия",
  said_at: "Когда сказали",
  valid_until: "Действует до",
  last4: "Последние четыре знака",
  receipt: "Номер чека",
  buyer: "Покупатель",
  recipient: "Кому",
  expires_on: "Новый срок",
  minutes: "Длительность",
  title: "Название",
  tray: "Лоток",
  stamps: "Поля на листе",
  day: "День",
  week: "Часы: каждый день заканчивается позже, чем начинается",
  closed_on: "Закрытые дни",
  absences: "Отсутствие",
  services: "Услуги: у каждой своё название и длительность до 12 часов",
  chair_in_use: "Кресла: на это кресло кто-то записан, сначала перенесите",
  full_name: "Полное название",
  short_name: "Краткое название",
  inn: "ИНН: последняя цифра не сходится",
  ogrn: "ОГРН: последняя цифра не сходится",
  address: "Адрес",
  privacy_email: "Почта для обращений",
  licence: "Лицензия",
  processors: "Кто обрабатывает данные по поручению",
  policy_page: "Адрес страницы с политикой: начинается с https://",
  call_within_minutes: "Перезвонить за",
  retry_after_minutes: "Повторить через",
  max_tries: "Попыток дозвониться",
  no_show_grace_minutes: "Неявка через",
  visit_minutes: "Обычный приём: от 5 минут",
  claim_minutes: "Заявка за вами",
  keep_requests_days: "Хранить заявку",
  keep_visits_days: "Хранить карточку",
  incident: "Происшествие",
  text_percent: "Размер текста",
  shortcuts: "Клавиши",
  quiet_to: "Тихие часы: нужны начало и конец",
  receipts: "Сумма по чекам",
  text: "Записка",
  wants_earlier: "Хочет раньше",
};

/** A file that was chosen, or a text that was edited meanwhile: what is wrong and what to do. */
const inputSentences: Record<string, string> = {
  revision: "Этот текст уже изменили с другого окна. Скопируйте свою правку, откройте текст заново и вставьте её.",
  text: "Текст слишком длинный или в нём есть непечатаемые знаки.",
  "certificate.pending": "Сервер ещё не подтвердил продажу. Напечатайте, когда подтвердит.",
  limit: "На сегодня выгрузок достаточно: двадцать в день. Если нужно больше, это решает управляющий завтра.",
  rows: "В списке больше тысячи строк: сузьте дни.",
  holds: "Пока нельзя: впереди приём, идёт спор в суде или есть неотправленные действия. Сначала завершите это.",
  paper_text: "В тексте, который подписан, этой цели нет или этот текст есть только на другом месте. Новая редакция прежнего согласия не расширяет: напечатайте её и дайте подписать.",
  paper_taken_back: "По этому листу согласие уже давали и отозвали. Напечатайте новый и дайте подписать.",
  remaining: "Акт печатают, когда уничтожено всё: часть записей ещё здесь.",
  "file.size": "Файл пустой или больше 32 МБ.",
  "file.gone": "Файл больше не в памяти: выберите его ещё раз.",
  "file.not_a_pdf": "Это не PDF или файл повреждён. Сохраните документ как PDF и выберите снова.",
  "file.encrypted": "Файл закрыт паролем. Сохраните его без пароля и выберите снова.",
  "file.turned_pages": "В файле есть повёрнутые страницы. Сохраните их прямыми, например печатью в PDF.",
  "file.odd_pages": "У страниц необычный размер: офисный принтер их не напечатает.",
  "file.form_fields": "В файле есть поля для заполнения на экране. Сохраните его печатью в PDF — поля станут обычным текстом.",
  "file.too_many_pages": "В файле слишком много страниц.",
  "file.not_a_scan": "Это не PDF, PNG или JPEG, или файл повреждён.",
};

/** A field of a form or a record as people call it. */
export function fieldName(field: string): string {
  return fieldWords[field] ?? field;
}

/** Title and sentence for an error; the waiting time and the field are told where they are known. */
export function errorWords(error: CommandError): Words {
  const { code, refusal, wait_seconds, field, needs_version } = error.said;
  const words = codeWords[code] ?? codeWords.internal;
  if (code === "refused" && refusal) return { title: words.title, text: refusalWords(refusal) };
  if (code === "too_many_tries" && wait_seconds) {
    return { title: words.title, text: `Следующая попытка — через ${waitWords(wait_seconds)}.` };
  }
  if (code === "outdated" && needs_version) {
    return { title: words.title, text: `Серверу нужна версия ${needs_version} или новее. Обновите программу и повторите — код не потрачен.` };
  }
  const sentence = code === "bad_input" && field ? inputSentences[field] : undefined;
  if (sentence) return { title: words.title, text: sentence };
  if (code === "bad_input" && field) {
    return { title: words.title, text: `Проверьте поле «${fieldName(field)}».` };
  }
  return words;
}

/** «20 с», «3 мин» */
export function waitWords(seconds: number): string {
  return seconds < 60 ? `${seconds}\u00a0с` : span(seconds * 1000);
}

/** One line for a toast. */
export function errorLine(error: CommandError): string {
  const words = errorWords(error);
  return `${words.title}. ${words.text}`;
}
