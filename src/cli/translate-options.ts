// What the translator is told when it stands alone, the same for `up`, `check` and `explain`, so that all three agree.
import type { TranslateSettings } from '../config/index.ts';
import { features } from '../features/index.ts';
import { splitObjectKey } from '../model/index.ts';
import type { OwnListener, TranslateOptions } from '../translate/index.ts';

/** `ownListeners`: see own-listeners.ts; none for commands that do not listen. */
export function translateOptions(
  settings: TranslateSettings,
  ownListeners: readonly OwnListener[] = [],
): TranslateOptions {
  const { defaultBackendService } = settings;
  return {
    controllerName: settings.controllerClass,
    ingressClassAnnotation: settings.ingressClass,
    watchIngressWithoutClass: settings.watchIngressWithoutClass,
    defaultBackendService:
      defaultBackendService === null
        ? null
        : { ...splitObjectKey(defaultBackendService.service), port: defaultBackendService.port },
    defaultCertificate: settings.defaultSslCertificate,
    annotationPrefixes: { nginx: settings.annotationsPrefix, sallyport: 'sallyport.dev' },
    // One machine: its own processes may be endpoints.
    allowLoopbackEndpoints: true,
    ownListeners,
    features,
  };
}
