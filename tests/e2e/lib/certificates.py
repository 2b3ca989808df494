"""A certificate authority for one test run, and the certificates that tests need, good and bad."""
import datetime
import ipaddress
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = datetime.datetime.utcnow()
DAY = datetime.timedelta(days=1)


class Authority:
    """Files in `folder`: ca.pem, and NAME.pem with NAME.key for each certificate issued."""

    def __init__(self, folder, name="promfleet test authority"):
        self.folder = folder
        self.ca_path = folder / "ca.pem"
        folder.mkdir(parents=True, exist_ok=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _common_name(name)
        certificate = _builder(self._name, self._name, self._key, -DAY, 30 * DAY).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(self._key, hashes.SHA256())
        self.ca_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, name, *, hosts=("localhost", "127.0.0.1"), since=-DAY, until=30 * DAY):
        """The paths of certificate and key. `since` and `until` count from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        alternative_names = x509.SubjectAlternativeName([_host(host) for host in hosts])
        certificate = _builder(_common_name(name), self._name, key, since, until).add_extension(
            alternative_names, critical=False).sign(self._key, hashes.SHA256())
        certificate_path, key_path = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        key_path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                               serialization.NoEncryption()))
        return certificate_path, key_path

    def issue_expired(self, name):
        return self.issue(name, since=-10 * DAY, until=-DAY)

    def client_tls(self):
        """What a client needs to trust this authority."""
        return ssl.create_default_context(cafile=self.ca_path)


def server_tls(certificate_path, key_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_path, key_path)
    return context


def write_service_account_keys(folder):
    """The pair with which the API server signs tokens: the paths of the private and of the public key."""
    key = ec.generate_private_key(ec.SECP256R1())
    private_path, public_path = folder / "sa.key", folder / "sa.pub"
    private_path.write_bytes(key.private_bytes(serialization.Encoding.PEM,
                                               serialization.PrivateFormat.TraditionalOpenSSL,
                                               serialization.NoEncryption()))
    public_path.write_bytes(key.public_key().public_bytes(serialization.Encoding.PEM,
                                                          serialization.PublicFormat.SubjectPublicKeyInfo))
    return private_path, public_path


def _common_name(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host(host):
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _builder(subject, issuer, key, since, until):
    return (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW + since).not_valid_after(NOW + until))
