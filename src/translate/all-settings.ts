// Every key that only the controller's own ConfigMap may have, in the order of the reference page.
import { annotationSettings } from './annotation-rules.ts';
import { arrivalSettings } from './arrival-settings.ts';
import { controllerSettings, type ControllerSetting } from './controller-settings.ts';
import { trafficSettings } from './traffic-settings.ts';

export const allControllerSettings: readonly ControllerSetting[] = [
  ...controllerSettings,
  ...arrivalSettings,
  ...trafficSettings,
  ...annotationSettings,
];
