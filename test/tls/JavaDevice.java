import java.io.ByteArrayOutputStream;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.reflect.Field;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.Security;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.bouncycastle.tls.DefaultTlsClient;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.ServerOnlyTlsAuthentication;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsClientProtocol;
import org.bouncycastle.tls.TlsServerCertificate;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;

/**
 * Plays a device with Java's own TLS (JSSE), which still knows SSLv2-format hellos, SSL 3.0, RC4 and 3DES, or with
 * Bouncy Castle's, which knows SSL 3.0 and 3DES.
 *
 * <p>{@code java JavaDevice.java MAIL}: one job a line on stdin, {@code ENGINE FROM PORT MODE PROTOCOLS SUITES}; ENGINE is
 * jsse or bc, FROM the local address, MODE implicit or starttls, the others lists with commas. Each job submits the octets of the file MAIL
 * (lines end in CRLF, none begins with a dot) and prints one line: {@code OK PROTOCOL SUITE BITS SIGNATURE}, or
 * {@code FAIL reason}.
 */
public class JavaDevice {
  public static void main(String[] arguments) throws Exception {
    for (String property : new String[] {"jdk.tls.disabledAlgorithms", "jdk.tls.legacyAlgorithms",
        "jdk.certpath.disabledAlgorithms"}) {
      Security.setProperty(property, "");
    }
    byte[] mail = Files.readAllBytes(Path.of(arguments[0]));
    BufferedReader jobs = new BufferedReader(new InputStreamReader(System.in));
    for (String job = jobs.readLine(); job != null; job = jobs.readLine()) {
      System.out.println(attempt(job.split(" "), mail));
    }
  }

  private static String attempt(String[] job, byte[] mail) {
    try {
      return "OK " + submit(job, mail);
    } catch (Exception trouble) {
      return "FAIL " + String.valueOf(trouble).split("\n")[0];
    }
  }

  private static String submit(String[] job, byte[] mail) throws Exception {
    int port = Integer.parseInt(job[2]);
    boolean isUpgrade = job[3].equals("starttls");
    try (Socket raw = new Socket()) {
      raw.bind(new InetSocketAddress(job[1], 0));
      raw.connect(new InetSocketAddress("127.0.0.1", port), 5000);
      raw.setSoTimeout(20000);
      raw.setTcpNoDelay(true);
      if (isUpgrade) {
        Line clear = new Line(raw.getInputStream(), raw.getOutputStream(), "");
        clear.hear("220");
        clear.ask("EHLO java", "250");
        clear.ask("STARTTLS", "220");
      }
      String[] protocols = job[4].split(",");
      String[] suites = job[5].split(",");
      Line secured = job[0].equals("bc") ? withBouncyCastle(raw, protocols, suites) : withJsse(raw, protocols, suites);
      if (!isUpgrade) secured.hear("220");
      secured.send(mail);
      return secured.description;
    }
  }

  private static Line withJsse(Socket raw, String[] protocols, String[] suites) throws Exception {
    SSLSocket secured = (SSLSocket) context().getSocketFactory().createSocket(raw, "127.0.0.1", raw.getPort(), true);
    secured.setEnabledProtocols(protocols);
    secured.setEnabledCipherSuites(suites);
    secured.startHandshake();
    return new Line(secured.getInputStream(), secured.getOutputStream(), describe(secured.getSession()));
  }

  /** Protocols by its own names, suites by number in hexadecimal. */
  private static Line withBouncyCastle(Socket raw, String[] protocols, String[] suites) throws Exception {
    TlsClientProtocol protocol = new TlsClientProtocol(raw.getInputStream(), raw.getOutputStream());
    OldClient client = new OldClient(ProtocolVersion.class.getField(protocols[0]), Integer.parseInt(suites[0], 16));
    protocol.connect(client);
    return new Line(protocol.getInputStream(), protocol.getOutputStream(), protocols[0] + " " + suites[0]);
  }

  private static final class OldClient extends DefaultTlsClient {
    private final ProtocolVersion version;
    private final int suite;

    OldClient(Field version, int suite) throws IllegalAccessException {
      super(new BcTlsCrypto(new SecureRandom()));
      this.version = (ProtocolVersion) version.get(null);
      this.suite = suite;
    }

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
      return version.only();
    }

    @Override
    protected int[] getSupportedCipherSuites() {
      return new int[] {suite};
    }

    @Override
    public TlsAuthentication getAuthentication() {
      return new ServerOnlyTlsAuthentication() {
        @Override
        public void notifyServerCertificate(TlsServerCertificate certificate) {}
      };
    }
  }

  /** SMTP on two streams. */
  private static final class Line {
    final String description;
    private final InputStream in;
    private final OutputStream out;

    Line(InputStream in, OutputStream out, String description) {
      this.in = in;
      this.out = out;
      this.description = description;
    }

    void send(byte[] mail) throws IOException {
      ask("EHLO java", "250");
      ask("MAIL FROM:<scan@device.test>", "250");
      ask("RCPT TO:<x@y.test>", "250");
      ask("DATA", "354");
      out.write(mail);
      ask(".", "250");
      ask("QUIT", "221");
      out.close();
    }

    void ask(String line, String code) throws IOException {
      out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
      out.flush();
      hear(code);
    }

    void hear(String code) throws IOException {
      String line;
      do {
        line = readLine();
        if (!line.startsWith(code)) throw new IOException("wanted " + code + ", heard " + line);
      } while (line.length() > 3 && line.charAt(3) == '-');
    }

    private String readLine() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int octet = in.read(); octet != '\n'; octet = in.read()) {
        if (octet < 0) throw new EOFException("closed after '" + line + "'");
        if (octet != '\r') line.write(octet);
      }
      return line.toString(StandardCharsets.US_ASCII);
    }
  }

  private static String describe(SSLSession session) throws Exception {
    X509Certificate leaf = (X509Certificate) session.getPeerCertificates()[0];
    int bits = ((RSAPublicKey) leaf.getPublicKey()).getModulus().bitLength();
    return session.getProtocol() + " " + session.getCipherSuite() + " " + bits + " " + leaf.getSigAlgName();
  }

  /** Takes any chain whose leaf is signed by the certificate above it. */
  private static SSLContext context() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new X509TrustManager() {
      @Override
      public void checkClientTrusted(X509Certificate[] chain, String type) {}

      @Override
      public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        try {
          chain[0].verify(chain[chain.length - 1].getPublicKey());
        } catch (Exception trouble) {
          throw new CertificateException(trouble);
        }
      }

      @Override
      public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
      }
    }}, new SecureRandom());
    return context;
  }
}
