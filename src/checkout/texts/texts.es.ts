import type { Texts } from './texts.en.js';

export const TEXTS_ES: Texts = {
  outcomes: {
    paid: { title: 'Pago recibido', text: 'Gracias. Tu pago está completo.' },
    partly_refunded: {
      title: 'Pago reembolsado en parte',
      text: 'Tu pago está completo y se te devolvió una parte.',
    },
    refunded: { title: 'Pago reembolsado', text: 'Se te devolvió el importe completo de tu pago.' },
    waiting: {
      title: 'Esperando la confirmación',
      text: 'Estamos esperando la confirmación de tu pago. Suele tardar unos segundos. Por favor, no pagues otra vez.',
    },
    confirming: {
      title: 'Esperando la confirmación',
      text: 'Estamos esperando la confirmación de tu pago. Suele tardar unos segundos.',
    },
    declined: {
      title: 'Pago rechazado',
      text: 'Tu último intento de pago fue rechazado y no se cobró nada por él. Si después pagaste de otra forma, esta página lo dirá; si no, puedes intentarlo de nuevo.',
    },
    retried: {
      title: 'Aún sin confirmar',
      text: 'Si acabas de pagar, la confirmación llega en unos segundos y esta página lo dirá. El último intento que conocemos fue rechazado y no se cobró nada por él.',
    },
    pending: {
      title: 'Esperando tu pago',
      text: 'Paga con la ficha o con los datos de transferencia que recibiste. Lo sabremos en cuanto llegue el dinero.',
    },
    authorized: {
      title: 'Pago aprobado',
      text: 'Tu pago fue aprobado y se cobrará cuando se confirme tu pedido. Todavía no se ha cobrado nada.',
    },
    refused: {
      title: 'Pago rechazado',
      text: 'El pago fue rechazado y no se cobró nada. Puedes volver a la tienda y pagar de otra forma.',
    },
    failed: {
      title: 'El pago falló',
      text: 'El pago no se pudo realizar. Puedes volver a la tienda e intentarlo de nuevo.',
    },
    expired: {
      title: 'El pago venció',
      text: 'El plazo para pagar terminó y no recibimos ningún pago. Puedes volver a la tienda y empezar de nuevo.',
    },
    canceled: {
      title: 'Pago cancelado',
      text: 'Este pago fue cancelado. Puedes volver a la tienda y empezar de nuevo.',
    },
    review: {
      title: 'Estamos revisando tu pago',
      text: 'Una persona tiene que revisar tu pago. Por favor, no pagues otra vez: la tienda se pondrá en contacto contigo.',
    },
    open: { title: 'Todavía sin pagar', text: 'Hasta ahora no hemos recibido este pago.' },
    not_completed: {
      title: 'Pago sin completar',
      text: 'Saliste de la página de pago. Hasta ahora no hemos recibido ningún pago.',
    },
    returned: {
      title: 'Gracias',
      text: 'Si completaste tu pago, la tienda confirmará tu pedido en un momento.',
    },
    left: {
      title: 'Pago sin completar',
      text: 'Saliste de la página de pago. Puedes volver a la tienda e intentarlo de nuevo.',
    },
  },
  notFound: {
    title: 'Página no encontrada',
    text: 'No existe ese pago. Por favor, revisa el enlace que recibiste.',
  },
  nowhere: {
    title: 'Página no encontrada',
    text: 'En esta dirección no hay nada. Por favor, revisa el enlace que recibiste.',
  },
  unavailable: {
    title: 'Inténtalo de nuevo en un momento',
    text: 'Ahora no podemos mostrar tu pago. Esto no dice nada sobre el pago mismo: por favor, no pagues otra vez.',
  },
  notOffered: {
    title: 'Este pago no se puede hacer aquí',
    text: 'El formulario de pago no está disponible por el momento. Por favor, vuelve a la tienda y elige otra forma de pago.',
  },
  links: {
    viewReceipt: 'Ver el recibo',
    continuePaying: 'Continuar con el pago',
    checkAgain: 'Consultar de nuevo',
    seeVoucher: 'Ver cómo pagar',
    continueToShop: 'Continuar a la tienda',
    backToShop: 'Volver a la tienda',
    tryAgain: 'Intentar de nuevo',
  },
  close: 'Puedes cerrar esta página y volver a la tienda.',
  disputed: 'Tu banco tiene abierta una disputa sobre este pago. Cuenta lo que decida el banco.',
  notPaidAfterAll:
    '¿Tu pago fue rechazado o no lo terminaste? Entonces todavía puedes continuar: no se puede pagar dos veces.',
  pay: {
    title: 'Completa tu pago',
    details: 'Datos de pago',
    loading: 'Cargando el formulario de pago…',
    notLoaded:
      'No se pudo cargar el formulario de pago y no se cobró nada. Por favor, revisa tu conexión e inténtalo de nuevo, o vuelve a la tienda para pagar de otra forma. Los bloqueadores de anuncios pueden bloquear también el formulario.',
    notSeen:
      '¿No ves aquí ningún formulario? Entonces no se pudo cargar y no se cobró nada. Por favor, inténtalo de nuevo o vuelve a la tienda para pagar de otra forma. Los bloqueadores de anuncios pueden bloquear también el formulario.',
    failed: 'El pago no se pudo realizar. Por favor, revisa tus datos e inténtalo de nuevo.',
    noScript:
      'El formulario de pago necesita JavaScript. No se cobró nada: por favor, permítelo en tu navegador y vuelve a cargar esta página, o vuelve a la tienda para pagar de otra forma.',
  },
  problems: {
    card_declined: 'Tu banco rechazó la tarjeta. Prueba con otra o comunícate con tu banco.',
    insufficient_funds: 'La tarjeta no tiene fondos suficientes. Prueba con otra.',
    expired_card: 'La tarjeta está vencida.',
    card_blocked: 'La tarjeta está bloqueada. Prueba con otra.',
    not_authenticated:
      'Tu banco no pudo confirmar que la tarjeta es tuya. Inténtalo de nuevo o prueba con otra.',
    no_installments: 'Esta tarjeta no permite pagar a meses.',
    invalid_card: 'Los datos de la tarjeta no son válidos. Por favor, revísalos.',
  },
  voucher: {
    cashTitle: 'Paga en efectivo',
    transferTitle: 'Paga por transferencia',
    payBefore: 'Paga antes del',
    barcode: 'Código de barras de la referencia',
    steps: 'Cómo pagar',
    cash: [
      'Ve a una tienda que reciba estos pagos y muestra el código de barras o di la referencia en la caja.',
      'Paga el importe exacto en efectivo. La tienda puede cobrar una comisión propia.',
      'Guarda el comprobante que te den hasta que se confirme tu pedido.',
    ],
    transfer: [
      'Inicia una transferencia en la aplicación o en el sitio de tu banco, a la CLABE de esta página.',
      'Transfiere el importe exacto.',
      'Guarda el comprobante de tu banco hasta que se confirme tu pedido.',
    ],
    transferReference: 'Escribe la referencia en la transferencia.',
    later: 'Tu pago se confirma cuando llega el dinero. No hace falta esperar: puedes cerrar esta página.',
    print: 'Imprimir',
  },
  cards: {
    title: 'Guarda tu tarjeta',
    lead: 'Tu tarjeta queda guardada para tus próximos pagos. Ahora no se cobra nada.',
    privacy:
      'El número de la tarjeta va cifrado directamente al proveedor de pagos. Ni esta página ni la tienda llegan a verlo.',
    loading: 'Cargando el formulario de la tarjeta…',
    saving: 'Guardando tu tarjeta…',
    notLoaded:
      'No se pudo cargar el formulario de la tarjeta y no se guardó ninguna. Por favor, revisa tu conexión e inténtalo de nuevo. Los bloqueadores de anuncios pueden bloquear también el formulario.',
    notSeen:
      '¿No ves aquí ningún formulario? Entonces no se pudo cargar y no se guardó ninguna tarjeta. Por favor, inténtalo de nuevo. Los bloqueadores de anuncios pueden bloquear también el formulario.',
    failed: 'La tarjeta no se guardó. Por favor, revisa sus datos e inténtalo de nuevo.',
    notYet: 'Todavía no se pudo guardar la tarjeta. Por favor, inténtalo de nuevo en un momento.',
    declined:
      'El banco rechazó esta tarjeta y no se guardó. Por favor, pide a la tienda un enlace nuevo para guardar otra.',
    unusable:
      'Este formulario ya se usó o su plazo terminó, así que la tarjeta no se guardó. Por favor, pide a la tienda un enlace nuevo.',
    closed:
      'La tarjeta no se guardó: este formulario ya no está abierto. Por favor, vuelve a cargar la página.',
    noScript:
      'El formulario de la tarjeta necesita JavaScript. No se guardó ninguna: por favor, permítelo en tu navegador y vuelve a cargar esta página.',
    saved: {
      title: 'Tarjeta guardada',
      text: 'Tu tarjeta queda guardada para tus próximos pagos. No se cobró nada.',
    },
    handedOn: 'La tienda ya puede usar tu tarjeta. Aquí no se cobró nada.',
    close: 'Puedes cerrar esta página.',
    over: {
      title: 'Este enlace venció',
      text: 'El plazo para guardar aquí una tarjeta terminó y no se guardó ninguna. Por favor, pide a la tienda un enlace nuevo.',
    },
    notOffered: {
      title: 'Aquí no se puede guardar ninguna tarjeta',
      text: 'El formulario de la tarjeta no está disponible por el momento. Por favor, vuelve a la tienda e inténtalo más tarde.',
    },
    incomplete: {
      title: 'Este enlace está incompleto',
      text: 'No dice qué formulario abrir: falta «setup» en su dirección. Por favor, revisa el enlace que recibiste.',
    },
    notFound: {
      title: 'No encontramos esta página',
      text: 'No existe ese formulario. Por favor, revisa el enlace que recibiste.',
    },
    unavailable: {
      title: 'Inténtalo de nuevo más tarde',
      text: 'Ahora no podemos mostrar el formulario de la tarjeta. Esto no dice nada sobre las tarjetas que guardaste antes.',
    },
    testMode: 'Prueba: no se guarda ninguna tarjeta real.',
  },
  receipt: {
    title: 'Recibo',
    order: 'Pedido',
    payment: 'Pago',
    paidOn: 'Pagado el',
    startedOn: 'Iniciado el',
    receivedOn: 'Recibido el',
    method: 'Forma de pago',
    status: 'Estado',
    refunded: 'Reembolsado',
    items: 'Artículos',
    item: 'Artículo',
    quantity: 'Cant.',
    unitPrice: 'Precio',
    lineTotal: 'Importe',
    subtotal: 'Subtotal',
    total: 'Total',
    paid: 'Pagado',
    received: 'Recibido',
    notPaid: 'Esto no es un recibo: el pago no está confirmado.',
    keepId: 'Ten a mano el número de pago si te comunicas con la tienda.',
  },
  methods: {
    card: 'Tarjeta',
    cash: 'Ficha de pago en efectivo',
    bank_transfer: 'Transferencia bancaria',
    bnpl: 'Compra ahora, paga después',
    pay_by_bank: 'Pago desde tu banco',
    apple: 'Apple Pay',
    google: 'Google Pay',
  },
  clabe: 'CLABE',
  reference: 'Referencia',
  bank: 'Banco',
  cardEnding: 'terminación',
  installments: (count) => `a ${count} meses`,
  testMode: 'Pago de prueba: no se mueve dinero real.',
  refreshes: 'Esta página se actualiza sola.',
};
