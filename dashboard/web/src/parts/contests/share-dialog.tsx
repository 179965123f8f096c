import { isLocal } from '../../data/use-settings.ts';
import { announce } from '../shell/announcer.tsx';
import { Dialog } from '../shell/dialog.tsx';
import { Icon } from '../shell/icon.tsx';
import { QrImage } from './qr-image.tsx';

/** The address of the vote page, to scan, copy or open. */
export function ShareDialog(props: { title: string; address: string; onClose: () => void }) {
  const { title, address } = props;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(address);
      announce('Address copied.');
    } catch {
      announce('This browser does not allow copying; select the address instead.');
    }
  };
  return (
    <Dialog title={`Vote: ${title}`} onClose={props.onClose}>
      <div class="share">
        <QrImage text={address} label={`QR code of ${address}`} />
        <p class="share-address">
          <a href={address} target="_blank" rel="noreferrer">
            {address}
          </a>
        </p>
        {isLocal(address) && (
          <p class="muted small">
            Phones cannot reach this address. Open the dashboard at this machine’s network address, or set VOTE_URL.
          </p>
        )}
        <div class="row">
          <button type="button" class="primary" onClick={copy}>
            <Icon name="copy" /> Copy
          </button>
          {typeof navigator.share === 'function' && (
            <button type="button" onClick={() => navigator.share({ title, url: address }).catch(() => undefined)}>
              <Icon name="share" /> Send
            </button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
