// What the translator is told when it stands alone, the same for `up`, `check` and `explain`, so that all three agree.
import type { TranslateSettings } from '../config/index.ts';
import { allQuirks, features, noQuirks } from '../features/index.ts';
import { splitObjectKey } from '../model/index.ts';
import type { OwnListener, TranslateOptions } from '../translate/index.ts';

/**
 * `ownListeners`: see own-listeners.ts; none for commands that do not listen. `allowLoopbackEndpoints`: on one machine its own
 * processes may be endpoints, in a cluster they would be those of the proxy's pod.
 */
export function translateOptions(
  settings: TranslateSettings,
  ownListeners: readonly OwnListener[] = [],
  allowLoopbackEndpoints = true,
): TranslateOptions {
  const { defaultBackendService } = settings;
  return {
    controllerName: settings.controllerClass,
    ingressClassAnnotation: settings.ingressClass,
    watchIngressWithoutClass: settings.watchIngressWithoutClass,
    ingressClassByName: settings.ingressClassByName,
    disableCatchAll: settings.disableCatchAll,
    disableExternalName: settings.disableExternalName,
    passesTls: settings.passesTls,
    tcpServices: settings.tcpServices,
    udpServices: settings.udpServices,
    configMap: settings.configMap,
    defaultBackendService:
      defaultBackendService === null
        ? null
        : { ...splitObjectKey(defaultBackendService.service), port: defaultBackendService.port },
    defaultCertificate: settings.defaultSslCertificate,
    challengeSecret: null,
    annotationPrefixes: { nginx: settings.annotationsPrefix, sallyport: 'sallyport.dev' },
    allowLoopbackEndpoints,
    ownListeners,
    place: settings.place,
    features,
    quirks: settings.hasNginxQuirks ? allQuirks : noQuirks,
  };
}
