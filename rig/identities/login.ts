import { loginNginxText, loginText } from "../../components/sso/text";
import { UI } from "../gateway/fixture";
import type { CompanyLogin } from "./company";
import { podPlaces, PodProcesses } from "./pod";

/** A pod of the login for browsers. */
export class LoginPod extends PodProcesses {
  private write!: (refreshMinutes: number) => void;

  /**
   * Starts one for a company's login.
   * @param names The port of a name server on this machine.
   * @param uiHost The UI's name, with a port where it is not 443.
   */
  static async start(company: CompanyLogin, names: number, uiHost = UI, refreshMinutes = 60): Promise<LoginPod> {
    const { folder, places, program } = await podPlaces();
    const pod = new LoginPod(folder, places, program);
    pod.prepare({ names });
    const settings = {
      ...{ issuerUrl: company.url, clientId: company.clientId, groupsClaim: "groups", scopes: ["openid"] },
      ...{ algorithms: ["RS256"], hasCa: true, logoutUrl: undefined },
    };
    pod.put("texts/nginx.conf", loginNginxText(pod.places));
    pod.write = (minutes) =>
      pod.put("texts/oauth2-proxy.cfg", loginText(settings, { uiHost, refreshMinutes: minutes }, pod.places));
    pod.write(refreshMinutes);
    pod.put("secrets/client", company.clientSecret);
    pod.put("secrets/cookie", "fedcba9876543210fedcba9876543210");
    await pod.run();
    return pod;
  }

  /** Makes a pod of it that is new, with sessions of another length. */
  async renew(refreshMinutes: number): Promise<void> {
    await this.end("oauth2-proxy");
    this.write(refreshMinutes);
    await this.run();
  }
}
